import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { calls, opened, UNIT } from './opened.ts'

const BAD: readonly (readonly [
  'participant' | 'user' | 'pin',
  what: string,
  content: string | undefined,
  words: RegExp,
])[] = [
  ['participant', 'is missing', undefined, /ENOENT|no such file/],
  ['participant', 'is empty', '', /must have 8 to 12/],
  ['participant', 'has two lines', '123456789SIM\n123456789SIM\n', /line/],
  ['participant', 'is too short', '1234567', /must have 8 to 12 letters and digits/],
  ['participant', 'has a space', '12345678 SIM', /must have 8 to 12 letters and digits/],
  ['user', 'is missing', undefined, /ENOENT|no such file/],
  ['user', 'is empty', '\n', /must have 5 to 12/],
  ['user', 'is too long', 'KASSE00000001', /must have 5 to 12 characters/],
  ['pin', 'is missing', undefined, /ENOENT|no such file/],
  ['pin', 'has two lines', 'Geheim-12\nGeheim-13', /line/],
  ['pin', 'is too short', '1234', /must have 5 to 128 characters/],
  ['pin', 'has a control character', 'Geheim\u0001123', /must have 5 to 128 characters/],
]

test.each(BAD)(
  'a file of the %s that %s stops the account before a call, and is named',
  async (name, _, content, words) => {
    const { account, simulator, folder } = await opened()
    const path = join(folder, name)
    if (content === undefined) rmSync(path)
    else writeFileSync(path, content)
    const answers = [await calls(account).ask(UNIT), await calls(account).check()]
    for (const { class: of, reason, effect, rc, message } of answers) {
      expect({ of, reason, effect, rc }).toEqual({
        of: 'credentials',
        reason: 'credentials_refused',
        effect: 'none',
        rc: [],
      })
      expect(message).toMatch(new RegExp(`^${name}File: `))
      expect(message).toContain(path)
      expect(message).toMatch(words)
      for (const line of (content ?? '').split('\n')) if (line.length >= 4) expect(message).not.toContain(line)
    }
    expect(await account.refused()).toMatchObject({ rc: undefined, message: answers[0]?.message })
    expect(simulator.calls).toBe(0)
  },
)
