import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readingView } from '../../../../agent/journal/projections/view.ts'
import { openReadOnly } from '../../../../agent/journal/reader.ts'
import type { TseMaster } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import type { ExportAnswer } from '../../../../agent/laws/germany/dsfinvk/export-in-child.ts'
import { exportInChild } from '../../../../agent/laws/germany/dsfinvk/export-in-child.ts'
import type { JournalReads } from '../../../../agent/laws/germany/dsfinvk/journal-bons.ts'
import type { Selection } from '../../../../agent/laws/germany/dsfinvk/journal-closings.ts'
import { pointOfCertificate, readCertificate } from '../../../../drivers/tr03151/certificate.ts'
import { serialOfPoint } from '../../../../drivers/tr03151/ecdsa.ts'

export const EVERYTHING: Selection = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

/** The TSE simulator's facts, from the certificate in its folder. */
async function simulatorOf(state: string, device: string): Promise<TseMaster> {
  const der = await readFile(join(state, 'devices', device, 'certificate-0.cer'))
  const { point, curve } = pointOfCertificate(readCertificate(der))
  return {
    serial: serialOfPoint(point).toString('hex'),
    algorithm: curve.algorithm,
    timeFormat: 'unixTime',
    publicKey: Buffer.from(point).toString('base64'),
    certificate: der.toString('base64'),
  }
}

/** Reads the journal while the agent runs. */
export async function readingJournal<T>(state: string, act: (view: JournalReads) => T | Promise<T>): Promise<T> {
  const db = openReadOnly(state)
  try {
    return await act(readingView(db))
  } finally {
    db.close()
  }
}

export const SETTINGS = {
  taxonomyVersion: '2.4',
  defaultOperator: 'POS',
  brand: 'fiskal-edge',
  model: 'Edge 1',
  softwareBrand: 'fiskal-edge',
  softwareVersion: '1.0.0',
}

export async function exportJournal(
  state: string,
  path: string,
  selection: Selection = EVERYTHING,
  signal: AbortSignal = new AbortController().signal,
): Promise<ExportAnswer> {
  const tses = [await simulatorOf(state, 'tse-1')]
  const request = { directory: state, path, selection, settings: SETTINGS, tses }
  return exportInChild(request, signal)
}
