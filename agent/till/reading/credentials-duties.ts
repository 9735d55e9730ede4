import type { AuthorityAccount, RefusedLogin } from '../../../drivers/ports/authority.ts'
import type { Duty, Task } from '../../laws/duty.ts'
import { AGENT_KINDS } from '../../laws/duty-kind.ts'
import { instruction } from '../../laws/instruction.ts'
import { credentialsDutyOf } from '../duty-records.ts'
import { isServedBy, merchantsIn } from '../served-accounts.ts'
import type { AccountNow, ListedDuty } from './listed-duties.ts'

/** One for each account whose credentials are refused: a person corrects them. It ends when they are accepted or changed. */
export function credentialsDuties(
  duties: readonly Duty[],
  accounts: ReadonlyMap<AuthorityAccount, AccountNow>,
  today: string,
): ListedDuty[] {
  const merchants = merchantsIn(duties)
  return [...accounts].flatMap(([account, { refused }]) => {
    if (refused === undefined) return []
    const served = duties.find(({ act }) => act !== undefined && isServedBy(account, act.merchant, merchants))
    return served?.act === undefined ? [] : [credentialsDuty(served.task, served.act.merchant, account, refused, today)]
  })
}

function credentialsDuty(
  { regime: law, authority }: Task,
  merchant: NonNullable<Duty['act']>['merchant'],
  { files }: AuthorityAccount,
  { reason, message }: RefusedLogin,
  today: string,
): ListedDuty {
  const id = credentialsDutyOf(merchant)
  const { kind, why } = AGENT_KINDS.credentials
  return {
    ...{
      id,
      kind,
      regime: law,
      authority,
      title:
        reason === 'not_entitled'
          ? `Give the user of ${authority} its right`
          : `Correct the credentials of ${authority}`,
      why,
      due: today,
    },
    ...{ merchant_id: merchant[0] ?? null, location_id: null, register_id: null, device_id: null, not_before: null },
    ...{ way: 'manual', mode: null, state: 'due', open: true, reason, message, waits_for: { kind: 'credentials' } },
    ...{ attempts: 0, next_try_at: null, confirmed_at: null, confirmed_by: null, relay: null, note: null },
    instructions:
      reason === 'not_entitled'
        ? [
            instruction('In FinanzOnline, give the user of the account the right for the Registrierkassen-Webservice.'),
            instruction('Then: fiskal-edge duty send {}.', id),
            instruction('Another user is written to the files of the account: {}.', files.join(', ')),
          ]
        : [
            instruction('Correct the files of the account: {}.', files.join(', ')),
            instruction('Try them: fiskal-edge finanzonline check.'),
            instruction('To permit one more login with the same files: fiskal-edge duty send {}.', id),
          ],
  }
}
