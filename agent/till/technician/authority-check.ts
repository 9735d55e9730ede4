import type { Authority, AuthorityAnswer } from '../../../drivers/ports/authority.ts'
import { FiskalError } from '../../errors.ts'

export const NOT_CONFIGURED =
  'FinanzOnline is not configured: every duty is done by a person. "authorities" of the configuration adds it.'

/** The result of a login: `rc` is the code of a refusal. */
export type CheckedAccount = {
  readonly merchant: string | null
  readonly participant: string | null
  readonly mode: Authority['mode']
  readonly ok: boolean
  readonly rc: string | null
  readonly result: string
}

/** One login and logout of each account, or of that merchant's. Throws `not_found`, `unprocessable_entity`. */
export async function checkAuthority(
  authority: Authority | undefined,
  merchant?: string,
): Promise<readonly CheckedAccount[]> {
  if (authority === undefined) throw new FiskalError('unprocessable_entity', NOT_CONFIGURED)
  const accounts = authority.accounts.filter((one) => merchant === undefined || one.merchant === merchant)
  if (accounts.length === 0)
    throw new FiskalError('not_found', `No account of FinanzOnline is configured for the merchant ${merchant}.`)
  const answers: CheckedAccount[] = []
  for (const account of accounts) {
    const answer = await account.check(new AbortController().signal)
    const participant = account.participant()
    answers.push({
      merchant: account.merchant ?? null,
      participant: participant === undefined ? null : `…${participant}`,
      mode: authority.mode,
      ok: answer.class === 'done',
      rc: answer.rc[0] ?? null,
      result: wordsOf(answer),
    })
  }
  return answers
}

function wordsOf(answer: AuthorityAnswer): string {
  const { rc, message, reason, lost } = answer
  const code = rc[0] === undefined ? '' : ` (rc ${rc[0].replace('-', '−')})`
  const detail = message === '' ? '' : `: ${message}`
  switch (answer.class) {
    case 'done':
      return 'login and logout succeeded'
    case 'credentials':
      // An earlier refusal has all its words in the message.
      if (message.startsWith('credentials') || rc.length === 0) return message
      return `${reason === 'not_entitled' ? 'the user is not entitled to web services' : 'credentials were refused'}${code}${detail}`
    case 'pause':
      return lost === undefined ? `FinanzOnline cannot answer now${code}${detail}` : `no answer, ${lost}${detail}`
    case 'state':
    case 'later':
    case 'later_day':
    case 'refused':
    case 'unclear':
      return `the login was refused${code}${detail}`
  }
}
