import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Cpu } from './contents.ts'
import { productionModules } from './contents.ts'
import { licenceOf, manifestOf } from './notices.ts'

type Component = {
  readonly type: 'application' | 'library'
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly 'bom-ref': string
  readonly cpe?: string
  readonly licenses?: readonly { readonly expression: string }[]
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[]
}

type Locked = Readonly<Record<string, { readonly integrity?: string }>>

const ROOT = resolve(import.meta.dirname, '..', '..')
/** The script of the reference at /docs comes from this package, which is not in ours. */
export const REFERENCE = 'node_modules/@scalar/fastify-api-reference'

/**
 * The parts of a package for that processor, as CycloneDX 1.6 (ECMA-424): the libraries that run, Node, and the OpenSSL
 * and SQLite inside of them. Without serial number and time: the same sources give the same bytes. The tools that compress
 * a package are named, because another version of them gives other bytes. `from` holds node_modules.
 */
export function sbomOf(from: string, cpu: Cpu, version: string): string {
  const components = [...nativeParts(from, cpu), ...libraries(from, cpu)]
  const byName = new Map(components.map((component) => [component.purl, component]))
  const sbom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      tools: { components: [debianTool('dpkg'), debianTool('libzstd1')] },
      component: part('application', 'fiskal-edge', version, 'generic'),
    },
    components: [...byName.keys()].sort().map((purl) => byName.get(purl)),
  }
  return `${JSON.stringify(sbom, undefined, 2)}\n`
}

function libraries(from: string, cpu: Cpu): Component[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Locked }
  const own = productionModules(from, cpu).map((folder) => library(from, folder, packages))
  return [...own, library(ROOT, REFERENCE, packages)]
}

function library(from: string, folder: string, packages: Locked): Component {
  const manifest = manifestOf(join(from, folder))
  const sha512 = /^sha512-(\S+)$/.exec(packages[folder]?.integrity ?? '')?.[1]
  return {
    ...part('library', manifest.name, manifest.version, 'npm'),
    licenses: [{ expression: licenceOf(join(from, folder), manifest) }],
    ...(sha512 && { hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }] }),
  }
}

/** A scanner for vulnerabilities finds these by their CPE. */
function nativeParts(from: string, cpu: Cpu): Component[] {
  const node = join(from, 'node_modules', `node-linux-${cpu}`)
  const [openssl = ''] = globSync('include/node/openssl/archs/*/no-asm/include/openssl/opensslv.h', { cwd: node })
  const openSslVersion = defined(join(node, openssl), 'OPENSSL_VERSION_STR')
  const sqlite = defined(join(from, 'node_modules/better-sqlite3/deps/sqlite3/sqlite3.h'), 'SQLITE_VERSION')
  const native = (name: string, version: string, product: string): Component => ({
    ...part('library', name, version, 'generic'),
    cpe: `cpe:2.3:a:${product}:${version}:*:*:*:*:*:*:*`,
  })
  return [
    native('node', manifestOf(node).version, 'nodejs:node.js'),
    native('openssl', openSslVersion, 'openssl:openssl'),
    native('sqlite', sqlite, 'sqlite:sqlite'),
  ]
}

/** The text of a `#define`. */
function defined(header: string, name: string): string {
  const value = new RegExp(`^\\s*#\\s*define\\s+${name}\\s+"([^"]+)"`, 'm').exec(readFileSync(header, 'utf8'))?.[1]
  if (value === undefined) throw new Error(`${header} does not define ${name}`)
  return value
}

function debianTool(name: string): Component {
  const version = execFileSync('dpkg-query', ['-W', '-f', '$' + '{Version}', name], { encoding: 'utf8' })
  return part('application', name, version, 'deb/debian')
}

function part(type: Component['type'], name: string, version: string, kind: string): Component {
  const purl = `pkg:${kind}/${name.replace('@', '%40')}@${encodeURIComponent(version)}`
  return { type, name, version, purl, 'bom-ref': purl }
}
