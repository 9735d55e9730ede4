// @module-tag heavy
import {
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { forkedEdge as fiskalEdge, ownConfig, removedLater } from './command.ts'
import { NOBODY, stateOfAnother } from './other-owner.ts'

test('circular links block no look at a state directory', async () => {
  const config = ownConfig()
  await fiskalEdge('key', 'list', '--config', config)
  const state = join(dirname(config), 'state')
  for (const name of ['one', 'other']) symlinkSync('.', join(state, name))
  expect(await fiskalEdge('doctor', '--config', config)).toMatchObject({ code: 0, err: '' })
})

// Only root can give a file away.
if (process.getuid?.() === 0) {
  /** A link of the owner of the state, to a file that only root may read. */
  const planted = (target: string, link: string): void => {
    rmSync(link, { force: true })
    symlinkSync(target, link)
    lchownSync(link, NOBODY, NOBODY)
  }
  /** All that root was given, and the text of all files. */
  const readable = (folder: string): string =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('')

  test("no link of the owner of a state brings a file of root’s into a bundle or a doctor's finding", async () => {
    const { config, state, secret } = stateOfAnother()
    await fiskalEdge('key', 'create', 'platform', '--config', config)
    const created_at = '2026-11-20T10:00:00.000Z'
    writeFileSync(secret, JSON.stringify({ created_at, file: 'a-file-of-root', events: 1, auth: 'dG9rZW4=' }))
    planted(secret, join(state, 'backup.json'))
    const bundle = join(dirname(secret), 'bundle.tar.gz')
    const ran = [
      await fiskalEdge('support', 'bundle', bundle, '--config', config),
      await fiskalEdge('doctor', '--config', config),
    ]
    expect(ran.map(({ code, err }) => [code, err])).toEqual(ran.map(() => [0, '']))
    const told = gunzipSync(readFileSync(bundle)).toString('latin1') + ran.map(({ out }) => out).join('')
    expect([told.includes('dG9rZW4='), told.includes('a-file-of-root')]).toEqual([false, false])
    expect(told).toContain('"kind": "journal.opened"')
    expect(told).toContain('"name": "seal.key"')
  })

  test("no link of the owner of a state brings a file of root’s to an auditor; the owner's archive is included", async () => {
    const { config, state, secret } = stateOfAnother()
    await fiskalEdge('key', 'create', 'platform', '--config', config)
    const [archives, out] = [join(state, 'archives'), join(dirname(secret), 'audit')]
    const [unit, led] = [join(archives, '0123456789abcdef'), join(archives, 'fedcba9876543210')]
    mkdirSync(unit)
    chownSync(unit, NOBODY, NOBODY)
    writeFileSync(join(unit, '3-4.tar'), 'an archive of his own')
    planted(secret, join(unit, '1-2.tar'))
    const roots = removedLater(join(dirname(secret), 'kept'))
    mkdirSync(roots)
    writeFileSync(join(roots, '1-2.tar'), 'of root')
    planted(roots, led)
    const { code, out: told } = await fiskalEdge('audit', '--out', out, '--json', '--config', config)
    const { parts } = JSON.parse(told) as { parts: { name: string; valid: boolean; findings: string[] }[] }
    expect([code, readable(out).includes('of root')]).toEqual([1, false])
    expect(readable(out)).toContain('an archive of his own')
    expect(parts.find(({ name }) => name === 'tse-0123456789abcdef-1-2.tar')).toMatchObject({
      valid: false,
      findings: [expect.stringContaining(`rm ${join(unit, '1-2.tar')}`)],
    })
  })

  test('no link of the owner of a state brings a file of root’s into a backup', async () => {
    const { config, state, secret } = stateOfAnother()
    await fiskalEdge('key', 'create', 'platform', '--config', config)
    const [roots, segments] = [dirname(secret), join(state, 'segments')]
    const [file, pass] = [join(roots, 'shop.backup'), join(roots, 'pass')]
    writeFileSync(pass, 'Brötchen um sieben\n', { mode: 0o600 })
    mkdirSync(segments)
    chownSync(segments, NOBODY, NOBODY)
    const backUp = () => fiskalEdge('backup', file, '--passphrase-file', pass, '--config', config)
    const before = readdirSync(roots)
    planted(roots, join(state, 'tls'))
    const { code, err } = await backUp()
    expect([code, err]).toEqual([1, expect.stringContaining('permission_denied')])
    expect(readdirSync(roots)).toEqual(before)
    rmSync(join(state, 'tls'))
    // A segment that the journal does not anchor is not read.
    planted(secret, join(segments, '01890000-0000-7000-8000-000000000000-1-2.ndjson'))
    expect(await backUp()).toMatchObject({ code: 0, err: '' })
    expect([statSync(file).uid, statSync(file).gid, statSync(file).mode & 0o777]).toEqual([0, 0, 0o600])
  })
}
