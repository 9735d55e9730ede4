import type { DeviceErrorCode, Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { hex4 } from './codec.ts'

/** What the card's refusals mean. Where it may have signed before it failed the effect is unknown. */
const meanings: Readonly<Record<string, readonly [DeviceErrorCode, Effect, string]>> = {
  '8000': ['unavailable', 'unknown', 'the card cannot reach its secure element'],
  '8001': ['refused', 'none', 'the card does not know the command'],
  '8002': ['garbled', 'unknown', 'the secure element gave no valid answer'],
  '8003': ['refused', 'unknown', 'a system log could not be signed'],
  '8004': ['refused', 'unknown', 'the log could not be read back'],
  '8005': ['memory_full', 'unknown', 'the memory failed'],
  '8006': ['disabled', 'none', 'the secure element is disabled for ever'],
  '8007': ['not_authorised', 'none', 'the user may not do this'],
  '8008': ['not_authorised', 'none', 'a user must log in first'],
  '8009': ['not_initialised', 'none', 'the card is not initialised'],
  '800a': ['refused', 'none', 'the time was not taken'],
  '800b': ['not_authorised', 'none', 'the card does not know the user'],
  '800c': ['refused', 'none', 'the transaction was not started'],
  '800d': ['certificate_expired', 'unknown', 'the certificate has expired'],
  '800e': ['transaction_unknown', 'none', 'no such transaction is open'],
  '800f': ['refused', 'none', 'the transaction was not updated'],
  '8010': ['refused', 'none', 'the transaction was not finished'],
  '8011': ['time_not_set', 'none', 'the time must be set first'],
  '8012': ['client_unknown', 'none', 'the client is not registered'],
  '8013': ['refused', 'none', 'there is no key'],
  '8014': ['refused', 'none', 'the card is not deactivated'],
  '8015': ['no_data', 'none', 'no log answers the question'],
  '8016': ['refused', 'none', 'too many records'],
  '8017': ['unexported_data', 'none', 'logs are not exported'],
  '8018': ['refused', 'none', 'the parameters do not fit each other'],
  '8019': ['no_data', 'none', 'no log is of that client'],
  '801a': ['no_data', 'none', 'no log is of that transaction'],
  '801b': ['disabled', 'none', 'the card is deactivated'],
  '801c': ['not_initialised', 'none', 'the PINs are those of the transport'],
  '801d': ['self_test_due', 'none', 'the card must be started first'],
  '801e': ['memory_full', 'none', 'there is no memory left: export and delete'],
  '8100': ['timeout', 'unknown', 'the card waited in vain'],
  '8101': ['garbled', 'unknown', 'the card could not write its stream'],
  '8102': ['garbled', 'unknown', 'a buffer of the card was too small'],
  '8103': ['refused', 'unknown', 'the card has no working memory left'],
  '8104': ['refused', 'unknown', 'the card failed within itself'],
}

/** The error of an answer 80xx or 81xx. */
export const errorOf = (code: number): DeviceError => {
  const [meaning, effect, message] = meanings[hex4(code)] ?? ['refused', 'unknown', 'an error that is not documented']
  return new DeviceError(meaning, effect, message, hex4(code))
}
