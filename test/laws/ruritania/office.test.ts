import { expect, test } from 'vitest'
import type { Duty, DutyAct } from '../../../agent/laws/duty.ts'
import type { AuthoritySubject } from '../../../drivers/ports/authority.ts'
import { account, answer, deskOf, known, none } from '../../till/duty-bench.ts'
import { FACTS } from './facts.ts'

/** The requests of the office of Ruritania, which has a list of keys. */
type KeyRequest = { readonly operation: 'enter_key' | 'strike_key'; readonly key: string; readonly seal: string }
type Key = AuthoritySubject & { readonly key: string }

function keyDuty(operation: KeyRequest['operation'], key: string, after: readonly string[]): Duty {
  const about: Key = { kind: 'key', key }
  const act: DutyAct<KeyRequest> = {
    ...{ merchant: ['merchant_1'], about, subject: about, operation, after },
    ...{ isCertified: true, grounds: [], facts: [key], codes: {} },
    request: () => ({ operation, key, seal: 'secret' }),
    recorded: (request) => ({ subject: request.key }),
    judge: ({ state }) => ((state === 'known') === (operation === 'enter_key') ? 'goal' : 'send'),
  }
  const id = `${operation}-${key}`
  const why = 'The office has a list of keys.'
  const kind = { kind: `ru.${operation}`, regime: FACTS.name, authority: 'Office of keys', why }
  return { task: { ...kind, id, title: id, due: '2026-11-30', instructions: [] }, act }
}

test('the desk does the two operations of a made-up office, and journals their subject without the secret', async () => {
  const list = new Set<string>()
  const { account: office } = account({
    ask: async (subject) => answer({ status: list.has((subject as Key).key) ? known : none }),
    send: async (request) => {
      const { operation, key } = request as KeyRequest
      if (operation === 'enter_key') list.add(key)
      else list.delete(key)
      return answer({ operation })
    },
  })
  const duties = [keyDuty('enter_key', 'a', []), keyDuty('strike_key', 'a', ['enter_key-a'])]
  const { journal, desk, until } = await deskOf(office, () => duties)
  desk.start()
  await until('strike_key-a', 'confirmed')
  const sent = journal.view.portionAfter(0, 100).filter(({ kind }) => kind === 'duty.sent')
  expect(sent.map(({ body }) => JSON.parse(body).facts)).toMatchObject([
    { operation: 'enter_key', subject: 'a' },
    { operation: 'strike_key', subject: 'a' },
  ])
  expect(sent.map(({ body }) => body).join()).not.toContain('secret')
})
