import { DeviceError } from '../../../drivers/errors.ts'
import type { Failed, Unknown } from '../regime.ts'
import type { Asked } from './proof.ts'
import type { FinishAct, StartAct, TseAct } from './tse-act.ts'

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

/** A refusal says nothing of the act. */
export function noLog(error: unknown): undefined {
  if (!(error instanceof DeviceError)) throw error
}

/** With the device's own words, and why it was not asked on. */
export function unknown({ code, message, deviceCode }: DeviceError, hindrance?: DeviceError): Unknown {
  const more = hindrance === undefined ? '' : `; ${hindrance.message}`
  return { kind: 'unknown', code, message: `${message}${more}`, ...(deviceCode !== undefined && { deviceCode }) }
}

export function failed(error: DeviceError): Failed {
  return { kind: 'failed', code: error.code, message: error.message }
}
