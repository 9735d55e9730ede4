import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, sign } from 'node:crypto'
import type { Bon, BonTse, Closing, Source, TseMaster } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { vatShares } from '../../../../agent/laws/germany/dsfinvk/bon-rows.ts'
import { ClosingVat } from '../../../../agent/laws/germany/dsfinvk/closing-vat.ts'
import type { CurveName } from '../../../../drivers/tr03151/algorithms.ts'
import { algorithmByName, curveByName } from '../../../../drivers/tr03151/algorithms.ts'
import { makeCertificateChain } from '../../../../drivers/tr03151/certificate.ts'
import { pointOfSpki, serialOfPoint } from '../../../../drivers/tr03151/ecdsa.ts'
import type { LogForm } from '../../../../drivers/tr03151/log-message.ts'
import { transactionPart } from '../../../../drivers/tr03151/log-message.ts'
import { processDataFrom } from './process-data-of-rows.ts'

export type Draft = Omit<Bon, 'tse'>

/** A TSE without a device: its key, its counters and its certificate. */
export class Signer {
  readonly master: TseMaster
  readonly #key: KeyObject
  readonly #hash: string
  readonly #clientId: string
  readonly #written: LogForm
  #transaction = 0
  #counter = 0

  /** `written`: the times of its logs, if they differ from the one that it names in version 2. */
  constructor(
    clientId: string,
    curve: CurveName = 'P-256',
    timeFormat: TseMaster['timeFormat'] = 'unixTime',
    written: LogForm = { version: 2, timeFormat },
  ) {
    this.#clientId = clientId
    this.#written = written
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curveByName(curve).namedCurve })
    const { point, curve: curveName } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
    const certificates = makeCertificateChain(point, curveName, Date.parse('2026-01-01T00:00:00Z'))
    this.#key = privateKey
    this.#hash = algorithmByName(curveName.algorithm).hash
    this.master = {
      serial: serialOfPoint(point).toString('hex'),
      algorithm: curveName.algorithm,
      timeFormat,
      publicKey: Buffer.from(point).toString('base64'),
      certificate: Buffer.from(certificates[0] ?? []).toString('base64'),
    }
  }

  /** Start and finish of a bon, with what its rows say. */
  sign(draft: Draft, startMs: number, endMs: number): Bon {
    return { ...draft, tse: this.finish(receiptData(draft), 'Kassenbeleg-V1', startMs, endMs) }
  }

  /** Started, and never finished. */
  start(startMs: number): { serial: string; transaction: number; startMs: number } {
    this.#transaction += 1
    this.#counter += 1
    return { serial: this.master.serial, transaction: this.#transaction, startMs }
  }

  finish(processData: string, processType: string, startMs: number, endMs: number): BonTse {
    const { serial, transaction } = this.start(startMs)
    this.#counter += 1
    const message = transactionPart({
      operation: 'Finish',
      clientId: this.#clientId,
      processData: Buffer.from(processData),
      processType,
      transaction,
      serial: Buffer.from(serial, 'hex'),
      algorithm: this.master.algorithm,
      counter: this.#counter,
      ...this.#written,
      timeMs: endMs,
    })
    const signature = sign(this.#hash, message, { key: this.#key, dsaEncoding: 'ieee-p1363' }).toString('base64')
    return {
      state: 'signed',
      serial,
      transaction,
      startMs,
      endMs,
      processType,
      processData,
      counter: this.#counter,
      signature,
    }
  }
}

function receiptData(draft: Draft): string {
  const turnover = draft.lines.filter((line) => line.cancelled !== true).flatMap((line) => line.vat)
  return processDataFrom(draft.type, turnover, draft.payments, 'EUR')
}

export function closingOf(
  facts: Partial<Closing> & { number: number; createdAt: string },
  bons: readonly Bon[],
  signers: readonly Signer[],
): Closing {
  const place = { street: 'Hauptstraße 1', postalCode: '10115', city: 'Berlin', country: 'DEU' }
  return {
    registerId: 'reg-abc123',
    taxonomyVersion: '2.4',
    company: { name: 'Bäckerei Muster GmbH', ...place, taxNumber: '27/123/45678', vatId: 'DE123456789' },
    location: { name: 'Filiale Mitte', ...place, vatId: 'DE123456789' },
    register: {
      serial: 'EDGE-000123',
      brand: 'Beispielkasse',
      model: 'Edge 1',
      softwareBrand: 'Edge Agent',
      softwareVersion: '1.0.0',
      currency: 'EUR',
    },
    vat: new ClosingVat(facts.createdAt.slice(0, 10)),
    bons: () => bons,
    agency: () => undefined,
    tse: (serial) => signers.find(({ master }) => master.serial === serial)?.master,
    ...facts,
  }
}

export function sourceOf(...closings: readonly Closing[]): Source {
  return { closings: () => closings }
}

/** UMS_BRUTTO of a draft, in cents. */
export function totalOf(draft: Draft): bigint {
  return vatShares(draft).reduce((sum, { cents }) => sum + cents, 0n)
}
