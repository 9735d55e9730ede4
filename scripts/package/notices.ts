import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cpu } from './contents.ts'
import { productionModules } from './contents.ts'

type Manifest = {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly author?: string | { readonly name?: string }
  readonly homepage?: string
  readonly repository?: string | { readonly url?: string }
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Licences that permit shipping a package unchanged inside ours. Read a new one before you add it. */
const PERMITTED = new Set([
  'Apache-2.0',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'MIT AND OFL-1.1',
  // Copyleft by file: the notice must name the place of the source.
  'MPL-2.0',
  'Unlicense',
])
const RULE = '='.repeat(78)

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

const ISC = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.`

/** Packages without a licence file whose copyright notice, according to their source, does not name the author. */
const HOLDERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['saxes', ['Contributors', 'Isaac Z. Schlueter and Contributors (sax, from which saxes was forked)']],
])

/**
 * The notices of all third-party software in a package for that processor: name, version, licence, source and licence
 * text. `from` holds node_modules. A package under another licence, or without a text, fails the build.
 */
export function thirdPartyNotices(from: string, cpu: Cpu): string {
  const folders = productionModules(from, cpu).map((name) => join(from, name))
  const manifests = folders.map(manifestOf)
  const sections = folders.map((folder) => sectionOf(folder, parentOf(folder, folders, manifests)))
  return [
    'fiskal-edge contains the third-party software below.',
    'Node.js and the libraries inside it: /opt/fiskal-edge/LICENSE.node',
    'OCR-A (agent/receipts/ocr-a.ttf) by John Sauter is in the public domain.',
    ...[...new Set(sections)].sort(),
    '',
  ].join('\n')
}

/** The notice of one package, of which a part is shipped. */
export function noticeOf(folder: string): string {
  return sectionOf(folder, undefined)
}

function sectionOf(folder: string, parent: string | undefined): string {
  const manifest = manifestOf(folder)
  const licence = licenceOf(folder, manifest)
  if (!PERMITTED.has(licence)) throw new Error(`${folder}: licence ${licence} is not in PERMITTED of notices.ts`)
  const text = textOf(folder) ?? (parent && textOf(parent)) ?? standardTextOf(manifest, licence)
  if (text === undefined) throw new Error(`${folder}: no text of its licence (${licence})`)
  const source = sourceOf(manifest)
  const facts = [
    `${manifest.name} ${manifest.version}`,
    `Licence: ${licence}`,
    ...(source ? [`Source: ${source}`] : []),
  ]
  // Its text may be shipped by address (MPL-2.0 § 3.1, § 3.2).
  if (licence === 'MPL-2.0') facts.push('Text: https://mozilla.org/MPL/2.0/')
  return [RULE, ...facts, '', text].join('\n')
}

/** A manifest may leave the licence to the file. */
export function licenceOf(folder: string, manifest: Manifest): string {
  if (manifest.license !== undefined) return manifest.license
  return /^(?:The )?MIT License/.test(textOf(folder) ?? '') ? 'MIT' : 'unknown'
}

function textOf(folder: string): string | undefined {
  const files = readdirSync(folder).filter((name) => /^(LICEN[CS]E|NOTICE|COPYING)/i.test(name))
  if (files.length === 0) return undefined
  return files
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n')
}

/** A compiled part without a licence file has the licence of the package that lists it for this platform. */
function parentOf(folder: string, folders: readonly string[], manifests: readonly Manifest[]): string | undefined {
  const { name } = manifestOf(folder)
  return folders[manifests.findIndex(({ optionalDependencies }) => optionalDependencies?.[name] !== undefined)]
}

/** Some packages only name MIT and their author, or ISC. */
function standardTextOf({ author, name }: Manifest, licence: string): string | undefined {
  const holder = typeof author === 'string' ? author : author?.name
  const holders = HOLDERS.get(name) ?? (holder === undefined || licence !== 'MIT' ? [] : [holder])
  const text = new Map([
    ['ISC', ISC],
    ['MIT', MIT],
  ]).get(licence)
  if (text === undefined || holders.length === 0) return undefined
  return [...holders.map((one) => `Copyright (c) ${one}`), '', text].join('\n')
}

function sourceOf({ homepage, repository }: Manifest): string | undefined {
  return (typeof repository === 'string' ? repository : repository?.url) ?? homepage
}

export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
