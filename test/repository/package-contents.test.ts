import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import { compileFolders, FOLDERS, productionModules } from '../../scripts/package/contents.ts'
import { thirdPartyNotices } from '../../scripts/package/notices.ts'
import { sbomOf } from '../../scripts/package/sbom.ts'
import { ROOT } from '../cli/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'contents-'))
compileFolders(ROOT, folder)
afterAll(() => rmSync(folder, { recursive: true }))

test('a package holds each file that it starts or loads by its address', () => {
  const named = FOLDERS.flatMap((room) => globSync(`${room}/**/*.js`, { cwd: folder })).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/new URL\('([^']+)', import\.meta\.url\)/g)].map(
      ([, name = '']) => join(folder, dirname(file), name),
    ),
  )
  // The package of the client, and the facts at the top, are placed with the package of the agent (test/package).
  const placedLater = /\/(package\.json|maintainer\.json|[^/]+\.tgz)$/
  const ours = named.filter((file) => !placedLater.test(file))
  expect(ours.filter((file) => file.endsWith('-child.js') || file.endsWith('-worker.js')).length).toBeGreaterThan(5)
  expect(ours.filter((file) => !existsSync(file))).toEqual([])
})

test('a package holds every file that the status page loads, unchanged from the source', () => {
  const page = join('agent', 'http', 'page', 'status')
  const files = globSync('*.{html,css,js,svg}', { cwd: join(ROOT, page) })
  expect(files.length).toBeGreaterThan(8)
  expect(globSync('*', { cwd: join(folder, page) }).sort()).toEqual(files.sort())
  for (const file of files) expect(readFileSync(join(folder, page, file))).toEqual(readFileSync(join(ROOT, page, file)))
})

type Part = { name: string; version: string }

const CPU = process.arch === 'arm64' ? 'arm64' : 'x64'

test('the notices name every library of a package, with its version, licence and the text of the licence', () => {
  const names = productionModules(ROOT, CPU)
  const sections = thirdPartyNotices(ROOT, CPU).split(/^=+\n/m).slice(1)
  const heads = new Map(sections.map((section) => [section.split('\n')[0], section]))
  expect(names).toContain('node_modules/express')
  for (const name of names) {
    const { name: called, version } = JSON.parse(readFileSync(join(ROOT, name, 'package.json'), 'utf8'))
    const section = heads.get(`${called} ${version}`) ?? ''
    expect(section, name).toMatch(
      /^Licence: (Apache-2\.0|BSD-3-Clause|ISC|MIT|MIT-0|MIT AND OFL-1\.1|MPL-2\.0|Unlicense)$/m,
    )
    expect(section, name).toMatch(/as is|mozilla\.org\/MPL/i)
  }
  expect(heads.get('pg-types 2.2.0')).toContain('Copyright (c) Brian M. Carlson\n\nPermission is hereby granted')
  expect(heads.get('saxes 6.0.0')).toMatch(
    /Copyright \(c\) Contributors\nCopyright \(c\) Isaac Z\. Schlueter.*\n\nPermission to use/,
  )
  expect(heads.get('@resvg/resvg-js 2.6.2')).toContain('Source: ')
})

test('a package is not built with a library under a licence that is not permitted', () => {
  const from = mkdtempSync(join(tmpdir(), 'notices-'))
  const manifest = { name: 'odd', version: '1.0.0', license: 'AGPL-3.0' }
  mkdirSync(join(from, 'node_modules/odd'), { recursive: true })
  const lock = { packages: { '': {}, 'node_modules/odd': { version: '1.0.0' } } }
  writeFileSync(join(from, 'package-lock.json'), JSON.stringify(lock))
  writeFileSync(join(from, 'node_modules/odd/package.json'), JSON.stringify(manifest))
  expect(() => thirdPartyNotices(from, CPU)).toThrow('licence AGPL-3.0 is not in PERMITTED')
  writeFileSync(join(from, 'node_modules/odd/package.json'), JSON.stringify({ ...manifest, license: 'MIT' }))
  expect(() => thirdPartyNotices(from, CPU)).toThrow('no text of its licence (MIT)')
  writeFileSync(join(from, 'node_modules/odd/LICENSE'), 'MIT License\n\nCopyright')
  expect(thirdPartyNotices(from, CPU)).toContain('odd 1.0.0\nLicence: MIT\n\nMIT License')
  rmSync(from, { recursive: true })
})

test('the list of parts names every library once, Node, OpenSSL and SQLite as they run, and no clock', () => {
  const text = sbomOf(ROOT, CPU, '1.2.3')
  const sbom = JSON.parse(text)
  const names: string[] = sbom.components.map(({ name, version }: Part) => `${name} ${version}`)
  expect(new Set(names).size).toBe(names.length)
  for (const folder of productionModules(ROOT, CPU)) {
    const { name, version } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'))
    expect(names).toContain(`${name} ${version}`)
  }
  const db = new Database(':memory:')
  const sqlite = db.prepare('SELECT sqlite_version()').pluck().get()
  db.close()
  expect(names).toEqual(expect.arrayContaining([`openssl ${process.versions.openssl}`, `sqlite ${sqlite}`]))
  expect(names.some((name) => name.startsWith('node '))).toBe(true)
  const zod = sbom.components.find(({ name }: Part) => name === 'zod')
  expect(zod).toMatchObject({ purl: `pkg:npm/zod@${zod.version}`, licenses: [{ expression: 'MIT' }] })
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const sha512 = `sha512-${Buffer.from(zod.hashes[0].content, 'hex').toString('base64')}`
  expect(sha512).toBe(packages['node_modules/zod'].integrity)
  expect(text).not.toMatch(/timestamp|serialNumber/)
})
