import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { readNewPassphrase, readPassphrase } from '../../agent/cli/terminal/passphrase.ts'
import { exitCodeOf } from '../../agent/failure.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, ownTill } from './command.ts'

/** A terminal whose questions get these keys as answers, in order. */
function terminal(...answers: readonly string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  const said: string[] = []
  const remaining = [...answers]
  const output = new PassThrough()
  output.on('data', (bytes: Buffer) => {
    said.push(bytes.toString())
    if (said.at(-1)?.endsWith(': ')) input.write(remaining.shift() ?? '')
  })
  return { input, output, said }
}

test('Ctrl-C and Ctrl-D at the question break the command off, and it reports that', async () => {
  for (const key of ['\x03', '\x04', 'gehe\x03']) {
    const asked = await readPassphrase(undefined, 'Passphrase: ', terminal(key)).catch((error: unknown) => error)
    expect(asked).toMatchObject({ code: 'interrupted', message: 'Broken off at the passphrase: nothing was done.' })
    expect(exitCodeOf(asked)).toBe(130)
  }
  expect(exitCodeOf(new Error('anything else'))).toBe(1)
})

test('a passphrase is typed without an echo, and a new one twice: a typo would lose the sealed data', async () => {
  const one = terminal('geheim\r')
  expect(await readPassphrase(undefined, 'Passphrase: ', one)).toBe('geheim')
  expect(one.said.join('')).toBe('Passphrase: \n')
  const same = terminal('geheim\r', 'geheim\r')
  expect(await readNewPassphrase(undefined, 'Passphrase: ', same)).toBe('geheim')
  expect(same.said.join('')).toBe('Passphrase: \nAgain: \n')
  await expect(readNewPassphrase(undefined, 'Passphrase: ', terminal('geheim\r', 'gehiem\r'))).rejects.toMatchObject({
    code: 'passphrase_differs',
  })
  await expect(readNewPassphrase(undefined, 'Passphrase: ', terminal('\r'))).rejects.toMatchObject({
    code: 'passphrase_missing',
  })
})

test('backup refuses a passphrase for keys that it is to leave out; a restore checks the seal with it', async () => {
  const { code, err } = await fiskalEdge('backup', 'FILE', '--no-secrets', '--passphrase-file', '/dev/null')
  expect([code, err]).toEqual([1, expect.stringContaining("cannot be used with option '--no-secrets'")])
})

test(
  'a passphrase of two lines, or not in UTF-8, makes no backup, and doctor names it before the night does',
  heavy(),
  async () => {
    const config = ownTill()
    expect((await fiskalEdge('key', 'create', 'platform', '--config', config)).code).toBe(0)
    const passphrase = join(dirname(config), 'passphrase')
    const file = join(dirname(config), 'all.backup')
    const backUp = () => fiskalEdge('backup', file, '--passphrase-file', passphrase, '--config', config)
    for (const content of ['geheim\ngehiem\n', Buffer.from('gehäim', 'latin1')]) {
      writeFileSync(passphrase, content, { mode: 0o600 })
      const { code, err } = await backUp()
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(/secret_invalid: .*passphrase (is not UTF-8|has more than)/),
      ])
      expect(existsSync(file)).toBe(false)
    }
    const settings = JSON.parse(readFileSync(config, 'utf8')) as object
    writeFileSync(config, JSON.stringify({ ...settings, backup: { passphraseFile: 'passphrase' } }))
    const told = await fiskalEdge('doctor', '--config', config)
    expect(told.code).toBe(1)
    expect(told.out).toMatch(/✖ .*backup\.passphraseFile: .*passphrase is not UTF-8/)
    // As an editor of Windows saves it: the same passphrase.
    writeFileSync(passphrase, '\uFEFFgeheim\r\n', { mode: 0o600 })
    expect(await backUp()).toMatchObject({ code: 0 })
    writeFileSync(passphrase, 'geheim', { mode: 0o600 })
    const checked = await fiskalEdge('verify', file, '--passphrase-file', passphrase)
    expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('✔')])
  },
)
