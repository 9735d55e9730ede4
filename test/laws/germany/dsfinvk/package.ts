import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPromise } from 'yauzl'
import type { Source } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { writeDsfinvk } from '../../../../agent/laws/germany/dsfinvk/export.ts'
import { Spool } from '../../../../agent/laws/germany/dsfinvk/spool.ts'
import { zipArchive } from '../../../../agent/laws/germany/dsfinvk/zip.ts'

export async function inDirectory<T>(act: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'dsfinvk-'))
  try {
    return await act(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** A package of the source; the caller removes the directory. */
export async function packageOf(source: Source, directory: string, name = 'package.zip'): Promise<string> {
  const path = join(directory, name)
  await writeDsfinvk({ source, path })
  return path
}

/** All files of a package, in the order of the archive. */
export async function filesOf(path: string): Promise<Map<string, string>> {
  const zip = await openPromise(path, { autoClose: false })
  const files = new Map<string, string>()
  for await (const entry of zip.eachEntry()) {
    const portions: Buffer[] = []
    for await (const portion of await zip.openReadStreamPromise(entry)) portions.push(portion as Buffer)
    files.set(entry.fileName, Buffer.concat(portions).toString('utf8'))
  }
  zip.close()
  return files
}

/** Cells of a file without quotes, as objects by column. */
export function table(files: ReadonlyMap<string, string>, file: string): Record<string, string>[] {
  const [header = '', ...records] = (files.get(file) ?? '').split('\r\n').slice(0, -1)
  const names = header.split(';')
  return records.map((record) => {
    const cells = record.match(/("(?:[^"]|"")*"|[^;]*)(;|$)/g) ?? []
    return Object.fromEntries(names.map((name, at) => [name, (cells[at] ?? '').replace(/;$/, '').replaceAll('"', '')]))
  })
}

/** Writes files as a package, unchecked. */
export async function zipOf(files: ReadonlyMap<string, string | Buffer>, path: string): Promise<void> {
  const spooled = await inDirectory(async (directory) => {
    const all = []
    for (const [name, content] of files) {
      const spool = Spool.open(name, join(directory, `${all.length}`))
      if (typeof content === 'string') spool.append(content)
      else spool.append(content.toString('latin1'))
      all.push(await spool.close())
    }
    const portions: Uint8Array[] = []
    for await (const portion of zipArchive(all)) portions.push(portion)
    return Buffer.concat(portions)
  })
  await writeFile(path, spooled)
}

export function readBytes(path: string): Promise<Buffer> {
  return readFile(path)
}
