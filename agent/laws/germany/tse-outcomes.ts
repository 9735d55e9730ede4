import { DeviceError } from '../../../drivers/errors.ts'
import type { QuestionAttempts } from '../../../drivers/ladder.ts'
import type { Tse, TseIdentity, TseSignature } from '../../../drivers/ports/tse.ts'
import { isUncertifiedUnit, refusalOfNumber } from '../../devices/uncertified.ts'
import type { Trouble, Usable } from '../../devices/usable.ts'
import type { Failed, Unknown } from '../law.ts'
import type { Asked } from './proof.ts'
import type { FinishAct, Finished, StartAct, Started, TseAct } from './tse-act.ts'

export function askedStart(act: StartAct): Asked {
  const nothing = { processType: '', processData: new Uint8Array(), transaction: undefined }
  return { operation: 'Start', clientId: act.client, ...nothing }
}

export function askedFinish(act: FinishAct): Asked & { transaction: number } {
  return {
    operation: 'Finish',
    clientId: act.client,
    processType: act.process_type,
    processData: Buffer.from(act.process_data),
    transaction: act.transaction,
  }
}

export function noSuchDevice(act: TseAct): Failed {
  return { kind: 'failed', code: 'unavailable', message: `No device ${act.device} in the configuration.` }
}

/** A refused query says nothing about the act. */
export function noLog(error: unknown): undefined {
  if (!(error instanceof DeviceError)) throw error
}

/** An unknown outcome. `hindrance`: the reason why the device was not asked further. */
export function unknown({ code, message, deviceCode }: DeviceError, hindrance?: DeviceError): Unknown {
  const more = hindrance === undefined ? '' : `; ${hindrance.message}`
  return { kind: 'unknown', code, message: `${message}${more}`, ...(deviceCode !== undefined && { deviceCode }) }
}

export function failed(error: DeviceError): Failed {
  return { kind: 'failed', code: error.code, message: error.message }
}

/** A unit that refuses new acts still finishes transactions and deregisters clients that it has. */
export function refusedAsUncertified({ unit, identity }: Usable<Tse>, { name, client }: TseAct): Trouble | undefined {
  if (identity === undefined || (name !== 'start' && name !== 'register_client')) return undefined
  return refusalOfNumber(client, isUncertifiedUnit(unit, identity))
}

/** The unit's own log is invalid: no receipt may claim a signature. */
export function signedWrongly(device: Usable<Tse>, transaction: number): Failed {
  const message = `The TSE has signed transaction ${transaction} so that it does not verify with its key.`
  device.report(new DeviceError('refused', 'none', message))
  return { kind: 'failed', code: 'signed_wrongly', message }
}

/** The intent stays open: the device did not answer, or the agent stops. Rethrows everything but a DeviceError. */
export function unknownAfter(error: unknown, attempts?: QuestionAttempts): Unknown {
  if (!(error instanceof DeviceError)) throw error
  return unknown(error, attempts?.hindrance)
}

/** One key for each act: the finish of a transaction; the start and the registration of a client. */
export function outcomeKey(act: TseAct): string {
  return [act.device, act.client, act.name, act.name === 'finish' ? act.transaction : ''].join('\0')
}

export function startedBy(signature: TseSignature, { serial }: Pick<TseIdentity, 'serial'>): Started {
  return {
    transaction: signature.transaction,
    time_ms: signature.logTimeMs,
    counter: signature.signatureCounter,
    serial,
  }
}

export function finishedBy(signature: TseSignature, identity: TseIdentity): Finished {
  return {
    ...startedBy(signature, identity),
    signature: Buffer.from(signature.signature).toString('base64'),
    public_key: Buffer.from(identity.publicKey).toString('base64'),
    algorithm: identity.algorithm,
    time_format: identity.timeFormat,
  }
}
