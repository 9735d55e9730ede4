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
  ['user', 'is too long', 'KASSE00000001', /must have 5 to 12 letters and digits/],
  ['user', 'has a hyphen', 'KASSE-001', /must have 5 to 12 letters and digits/],
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

test('the simulator takes any characters of a user at the login, and letters and digits alone afterwards', async () => {
  const { url } = await opened()
  const post = async (path: string, action: string, body: string) => {
    const headers = { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: `"${action}"` }
    const envelope = `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>${body}</S:Body></S:Envelope>`
    return (await fetch(`${url}/fonws/ws/${path}`, { method: 'POST', headers, body: envelope })).text()
  }
  const session = 'xmlns="https://finanzonline.bmf.gv.at/fon/ws/session"'
  for (const [user, isTaken] of [
    ['KASSE001', true],
    ['KASSE-001', false],
  ] as const) {
    const who = `<tid>123456789SIM</tid><benid>${user}</benid>`
    const secrets = '<pin>Geheim-123</pin><herstellerid>ATU12345678</herstellerid>'
    expect(await post('session', 'login', `<loginRequest ${session}>${who}${secrets}</loginRequest>`)).toMatch(/:rc>/)
    const id = '<id>A1B2C3D4E5F6</id>'
    const logout = await post('session', 'logout', `<logoutRequest ${session}>${who}${id}</logoutRequest>`)
    const one = '<paket_nr>1</paket_nr><ts_erstellung>2026-03-01T10:00:00Z</ts_erstellung><satznr>1</satznr>'
    const asked = `<status_kasse>${one}<kassenidentifikationsnummer>K</kassenidentifikationsnummer></status_kasse>`
    const space = 'xmlns="https://finanzonline.bmf.gv.at/rkdb"'
    const call = `<rkdbRequest ${space}>${who}${id}<art_uebermittlung>P</art_uebermittlung>${asked}</rkdbRequest>`
    for (const answer of [logout, await post('rkdb', 'rkdb', call)])
      expect(answer.includes("not facet-valid with respect to the pattern of 'benid'")).toBe(!isTaken)
  }
})
