import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const CLIENT = 'clients/typescript'
const COMPILER = 'node_modules/typescript-native/bin/tsc'
const IMPORT = /((?:from|import)\s*\(?\s*)'(\.\.?\/[^']+)\.ts'/g
/** It has types alone. */
const GENERATED = 'src/generated/'

/** The name of the package that `npm install` takes. */
export function tarballName(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, CLIENT, 'package.json'), 'utf8')) as { version: string }
  return `fiskal-edge-client-${version}.tgz`
}

/** Writes the client as a package of JavaScript and declarations: the same bytes for the same sources and time. */
export function packClient(root: string, file: string, epochSeconds: number): void {
  const stage = mkdtempSync(join(tmpdir(), 'client-'))
  try {
    const folder = join(stage, 'package')
    placeSources(root, folder)
    for (const name of ['package.json', 'README.md']) cpSync(join(root, CLIENT, name), join(folder, name))
    copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
    const tar = join(stage, 'client.tar')
    const owner = [
      '--sort=name',
      `--mtime=@${epochSeconds}`,
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--mode=a+rX,go-w',
    ]
    execFileSync('tar', [...owner, '-C', stage, '-cf', tar, 'package'])
    execFileSync('gzip', ['-9n', tar])
    mkdirSync(dirname(file), { recursive: true })
    copyFileSync(`${tar}.gz`, file)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

function placeSources(root: string, folder: string): void {
  const project = join(root, CLIENT)
  const declared = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', project]
  execFileSync(process.execPath, [join(root, COMPILER), '-p', project, ...declared, '--outDir', folder])
  for (const name of globSync('src/**/*.d.ts', { cwd: folder })) rewrite(join(folder, name), join(folder, name))
  cpSync(join(project, GENERATED, 'contract.ts'), join(folder, GENERATED, 'contract.d.ts'))
  for (const name of globSync('src/**/*.ts', { cwd: project }).filter((one) => !one.startsWith(GENERATED)))
    rewrite(join(project, name), join(folder, name.replace(/\.ts$/, '.js')), stripTypeScriptTypes)
}

/** With the names that its imports have in the package. */
function rewrite(from: string, to: string, strip: (text: string) => string = (text) => text): void {
  mkdirSync(dirname(to), { recursive: true })
  const text = strip(readFileSync(from, 'utf8')).replaceAll(IMPORT, "$1'$2.js'")
  // A stripped type leaves blanks.
  writeFileSync(to, text.replaceAll(/[ \t]+$/gm, '').replaceAll(/\n{3,}/g, '\n\n'))
}
