import type { DeviceError, Effect } from '../errors.ts'
import type { Meaning } from '../refusal-class.ts'
import { documentedRefusal, undocumented } from '../refusal-class.ts'

/** Codes of GetMfcStatus. The effect is unknown if the device may have signed before it failed. */
const meanings: Readonly<Record<string, Meaning>> = {
  '0001': ['unknown', 'refused', 'unknown', 'the device failed'],
  '0002': ['away', 'unavailable', 'unknown', 'the power failed'],
  '0003': ['order', 'refused', 'none', 'the device does not know the command'],
  '0004': ['order', 'data_too_long', 'none', 'the command is too long'],
  '0005': ['order', 'garbled', 'none', 'the end of the command did not reach the device'],
  '0006': ['order', 'refused', 'none', 'the command came in the wrong order'],
  '0007': ['order', 'refused', 'none', 'the number of parameters is wrong'],
  '0008': ['order', 'refused', 'none', 'a parameter is not allowed'],
  '0100': ['final', 'not_initialised', 'none', 'the TSE is not initialised'],
  '0101': ['time', 'time_not_set', 'none', 'the time must be set first'],
  '0102': ['final', 'certificate_expired', 'unknown', 'the certificate has expired'],
  '0103': ['final', 'disabled', 'none', 'the TSE is permanently disabled'],
  '0104': ['unknown', 'refused', 'none', 'the command failed'],
  '0105': ['unknown', 'refused', 'unknown', 'a system log could not be signed'],
  '0106': ['unknown', 'refused', 'unknown', 'the log could not be read back'],
  '0107': ['final', 'memory_full', 'unknown', 'the memory failed'],
  '0108': ['nothing', 'transaction_unknown', 'none', 'no such transaction is open'],
  '010a': ['client', 'client_unknown', 'none', 'no client is set'],
  '010b': ['nothing', 'no_data', 'none', 'no log answers the question'],
  '010c': ['self_test', 'self_test_due', 'none', 'a self-test is due'],
  '010d': ['nothing', 'no_data', 'none', 'there is no log'],
  '010f': ['final', 'refused', 'none', 'the card in the slot is not supported'],
  '0110': ['authentication', 'not_authorised', 'none', 'the user may not do this'],
  '0111': ['authentication', 'not_authorised', 'none', 'a user must log in first'],
  '0112': ['authentication', 'not_authorised', 'none', 'the device does not know the user'],
  '0115': ['client', 'client_unknown', 'none', 'the client is not registered'],
  '0116': ['away', 'unavailable', 'none', 'there is no card in the slot'],
  '0117': ['final', 'open_transactions_full', 'none', 'too many transactions are open'],
  '0118': ['final', 'signatures_exhausted', 'none', 'all signatures are used up'],
  '0119': ['final', 'client_limit', 'none', 'too many clients are registered'],
  '011a': ['final', 'refused', 'none', 'the client has open transactions'],
  '011b': ['final', 'transactions_open', 'none', 'transactions are open'],
  '011c': ['export', 'garbled', 'none', 'the export buffer is spoilt'],
}

/**
 * The error of a code other than 0000; hexadecimal digits in upper or lower case. `effect`: the possible effect of the
 * command if the code is not documented.
 */
export function errorOf(code: string, effect: Effect = 'unknown'): DeviceError {
  const meaning = meanings[code.toLowerCase()]
  return meaning === undefined
    ? undocumented(code.toLowerCase(), effect)
    : documentedRefusal(meaning, code.toLowerCase())
}
