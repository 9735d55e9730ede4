import type { DeviceError, Effect } from '../errors.ts'
import type { Meaning } from '../refusal-class.ts'
import { documentedRefusal, undocumented } from '../refusal-class.ts'
import { hex4 } from './codec.ts'

/** Meanings of the card's refusals. The effect is unknown if the card may have signed before it failed. */
const meanings: Readonly<Record<string, Meaning>> = {
  '8000': ['away', 'unavailable', 'unknown', 'the card cannot reach its secure element'],
  '8001': ['order', 'refused', 'none', 'the card does not know the command'],
  '8002': ['away', 'garbled', 'unknown', 'the secure element gave no valid answer'],
  '8003': ['unknown', 'refused', 'unknown', 'a system log could not be signed'],
  '8004': ['unknown', 'refused', 'unknown', 'the log could not be read back'],
  '8005': ['final', 'memory_full', 'unknown', 'the memory failed'],
  '8006': ['final', 'disabled', 'none', 'the secure element is permanently disabled'],
  '8007': ['authentication', 'not_authorised', 'none', 'the user may not do this'],
  '8008': ['authentication', 'not_authorised', 'none', 'a user must log in first'],
  '8009': ['final', 'not_initialised', 'none', 'the card is not initialised'],
  '800a': ['unknown', 'refused', 'none', 'the time was not taken'],
  '800b': ['authentication', 'not_authorised', 'none', 'the card does not know the user'],
  '800c': ['unknown', 'refused', 'none', 'the transaction was not started'],
  '800d': ['final', 'certificate_expired', 'unknown', 'the certificate has expired'],
  '800e': ['nothing', 'transaction_unknown', 'none', 'no such transaction is open'],
  '800f': ['unknown', 'refused', 'none', 'the transaction was not updated'],
  '8010': ['unknown', 'refused', 'none', 'the transaction was not finished'],
  '8011': ['time', 'time_not_set', 'none', 'the time must be set first'],
  '8012': ['client', 'client_unknown', 'none', 'the client is not registered'],
  '8013': ['unknown', 'refused', 'none', 'there is no key'],
  '8014': ['unknown', 'refused', 'none', 'the card is not deactivated'],
  '8015': ['nothing', 'no_data', 'none', 'no log answers the question'],
  '8016': ['final', 'refused', 'none', 'too many records'],
  '8017': ['final', 'unexported_data', 'none', 'logs are not exported'],
  '8018': ['order', 'refused', 'none', 'the parameters do not fit each other'],
  '8019': ['nothing', 'no_data', 'none', 'no log is of that client'],
  '801a': ['nothing', 'no_data', 'none', 'no log is of that transaction'],
  '801b': ['final', 'disabled', 'none', 'the card is deactivated'],
  '801c': ['final', 'not_initialised', 'none', 'the PINs are those of the transport'],
  '801d': ['self_test', 'self_test_due', 'none', 'the card must be started first'],
  '801e': ['final', 'memory_full', 'none', 'there is no memory left: export and delete'],
  '8100': ['away', 'timeout', 'unknown', 'the card waited in vain'],
  '8101': ['away', 'garbled', 'unknown', 'the card could not write its stream'],
  '8102': ['away', 'garbled', 'unknown', 'a buffer of the card was too small'],
  '8103': ['unknown', 'refused', 'unknown', 'the card has no working memory left'],
  '8104': ['unknown', 'refused', 'unknown', 'the card failed within itself'],
}

/** The error of an answer 80xx or 81xx. `effect`: the possible effect of the command if the code is not documented. */
export function errorOf(code: number, effect: Effect = 'unknown'): DeviceError {
  const meaning = meanings[hex4(code)]
  return meaning === undefined ? undocumented(hex4(code), effect) : documentedRefusal(meaning, hex4(code))
}
