import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UNITS } from '../../agent/cli/service/files.ts'
import { maintainerFacts, NOT_NAMED } from '../../base/maintainer.ts'
import { debianVersion, OLDEST_SAFE_VERSION } from '../../base/version.ts'
import daemon from '../../bin/daemon.json' with { type: 'json' }
import { packClient, tarballName } from '../client/tarball.ts'
import type { Cpu } from './contents.ts'
import { compileFolders, copyModules, PAPERS } from './contents.ts'
import { installForeignModules } from './foreign-modules.ts'
import { noticeOf, thirdPartyNotices } from './notices.ts'
import { REFERENCE, sbomOf } from './sbom.ts'

/**
 * `npm run package`: the client of a till as dist/fiskal-edge-client-VERSION.tgz, and with it
 * dist/fiskal-edge_VERSION_ARCH.deb, complete with Node and all libraries, from the lockfile and the
 * commit alone. The same commit with the same node_modules gives the same bytes (SOURCE_DATE_EPOCH, sorted, one thread).
 */
const ROOT = resolve(import.meta.dirname, '..', '..')
const DEBIAN = join(import.meta.dirname, 'debian')
const PROGRAM = 'opt/fiskal-edge'
const SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm']
const CPUS: Readonly<Record<string, Cpu>> = { amd64: 'x64', arm64: 'arm64' }
/** As small in one second as in ten: higher levels win 5 %. */
const COMPRESSION = ['-Zzstd', '-z9', '--threads-max=1']

const SYSTEM_FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(UNITS.map((name) => [name, `usr/lib/systemd/system/${name}`])),
  'sysusers.conf': 'usr/lib/sysusers.d/fiskal-edge.conf',
  'tmpfiles.conf': 'usr/lib/tmpfiles.d/fiskal-edge.conf',
  '60-fiskal-edge.rules': 'usr/lib/udev/rules.d/60-fiskal-edge.rules',
}

const EPOCH = epoch()
const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    out: { type: 'string', default: join(ROOT, 'dist') },
    version: { type: 'string' },
  },
})

/** Without a registry: a maker of a till keeps this file, and each agent serves it. */
const CLIENT = join(resolve(values.out), tarballName(ROOT))

function build(): string {
  const cpu = CPUS[values.arch]
  if (cpu === undefined) throw new Error(`--arch ${values.arch}: ${Object.keys(CPUS).join(' or ')}`)
  const { version = '' } = values.version === undefined ? readJson('package.json') : values
  const stage = mkdtempSync(join(tmpdir(), 'package-'))
  try {
    const tree = join(stage, 'tree')
    const modules = cpu === process.arch ? ROOT : join(stage, 'foreign')
    if (modules !== ROOT) installForeignModules(ROOT, modules, cpu)
    packClient(ROOT, CLIENT, EPOCH)
    placeProgram(tree, modules, cpu, version)
    placeSystem(tree)
    placeFacts(tree, modules, cpu, version)
    placeControl(tree, version)
    stamp(tree)
    const file = join(resolve(values.out), `fiskal-edge_${debianVersion(version)}_${values.arch}.deb`)
    mkdirSync(dirname(file), { recursive: true })
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) }
    execFileSync('dpkg-deb', ['--root-owner-group', ...COMPRESSION, '--build', tree, file], { env, stdio: 'pipe' })
    return file
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

function placeProgram(tree: string, modules: string, cpu: Cpu, version: string): void {
  const program = join(tree, PROGRAM)
  mkdirSync(join(program, 'bin'), { recursive: true })
  compileFolders(ROOT, program)
  cpSync(CLIENT, join(program, 'clients', 'fiskal-edge-client.tgz'))
  placeReference(program)
  copyModules(modules, program, cpu)
  const node = join(modules, 'node_modules', `node-linux-${cpu}`)
  copyFileSync(join(node, 'bin', 'node'), join(program, 'bin', 'node'))
  copyFileSync(join(node, 'LICENSE'), join(program, 'LICENSE.node'))
  placeLauncher(join(program, 'bin'))
  for (const name of PAPERS) copyFileSync(join(ROOT, name), join(program, name))
  for (const folder of ['docs', 'systemd']) cpSync(join(ROOT, folder), join(program, folder), { recursive: true })
  const { name, license, author } = readJson('package.json')
  writeFileSync(
    join(program, 'package.json'),
    `${JSON.stringify({ name, version, license, author, type: 'module' })}\n`,
  )
}

/** The script of the reference page, which `npm ci` takes out of its package. */
function placeReference(program: string): void {
  const script = join(ROOT, 'node_modules/.cache/fiskal-edge/docs/scalar.js.gz')
  if (!existsSync(script)) throw new Error(`${script} is missing: npm ci, or npm run prepare`)
  copyFileSync(script, join(program, 'agent/http/page/reference/scalar.js.gz'))
}

/** The daemon runs as bin/fiskal-edge and bin/fiskal-edge.cjs start it. */
function placeLauncher(folder: string): void {
  const environment = Object.entries(daemon.environment).map(([name, value]) => `${name}=${value}`)
  const launcher = readFileSync(join(DEBIAN, 'fiskal-edge'), 'utf8')
    .replace('@ENVIRONMENT@', environment.join(' '))
    .replace('@FLAGS@', daemon.flags.join(' '))
  writeFileSync(join(folder, 'fiskal-edge'), launcher, { mode: 0o755 })
  copyFileSync(join(ROOT, 'bin', 'environment.sh'), join(folder, 'environment.sh'))
}

function placeSystem(tree: string): void {
  for (const [name, place] of Object.entries(SYSTEM_FILES)) {
    mkdirSync(dirname(join(tree, place)), { recursive: true })
    copyFileSync(join(ROOT, 'systemd', name), join(tree, place))
  }
  mkdirSync(join(tree, 'usr/bin'), { recursive: true })
  symlinkSync(`/${PROGRAM}/bin/fiskal-edge`, join(tree, 'usr/bin/fiskal-edge'))
}

/** Our licence and those of the libraries (Debian policy 12.5), and the list of all parts. */
function placeFacts(tree: string, modules: string, cpu: Cpu, version: string): void {
  const doc = join(tree, 'usr/share/doc/fiskal-edge')
  mkdirSync(doc, { recursive: true })
  copyFileSync(join(ROOT, 'LICENSE'), join(doc, 'copyright'))
  // Its script is in the package, and no module of it.
  const reference = noticeOf(join(ROOT, REFERENCE))
  writeFileSync(join(doc, 'NOTICE'), `${thirdPartyNotices(modules, cpu)}${reference}\n`)
  writeFileSync(join(doc, 'sbom.cdx.json'), sbomOf(modules, cpu, version))
}

function placeControl(tree: string, version: string): void {
  const folder = join(tree, 'DEBIAN')
  const files = filesOf(tree)
  mkdirSync(folder, { recursive: true })
  const { maintainer, repository, bugs } = maintainerFacts()
  const addresses = Object.entries({ Homepage: repository, Bugs: bugs }).filter(([, address]) => address !== null)
  const bytes = files.reduce((sum, file) => sum + statSync(join(tree, file)).size, 0)
  writeFileSync(
    join(folder, 'control'),
    `Package: fiskal-edge
Version: ${debianVersion(version)}
Architecture: ${values.arch}
Maintainer: ${maintainer ?? NOT_NAMED}
${addresses.map(([name, address]) => `${name}: ${address}\n`).join('')}Installed-Size: ${Math.ceil(bytes / 1024)}
Fiskal-Edge-Min-Safe: ${debianVersion(OLDEST_SAFE_VERSION)}
Depends: libc6 (>= 2.34), libstdc++6, libgcc-s1
Recommends: systemd, udev
Suggests: pcscd, opensc, fonts-noto-core, fonts-droid-fallback, fonts-nanum, fonts-symbola
Section: misc
Priority: optional
Description: ${readJson('package.json')['description']}
 Signs, stores and syncs what a shop's tills sell, on the shop's own
 machine. Brings its own Node and needs no network to install.
`,
  )
  for (const name of SCRIPTS) {
    const text = readFileSync(join(DEBIAN, name), 'utf8')
      .replace('@JOURNALS@', readFileSync(join(DEBIAN, 'journals.sh'), 'utf8'))
      .replace('@VERSION@', debianVersion(version))
    writeFileSync(join(folder, name), text)
  }
  const sums = files.map(
    (file) =>
      `${createHash('md5')
        .update(readFileSync(join(tree, file)))
        .digest('hex')}  ${file}\n`,
  )
  writeFileSync(join(folder, 'md5sums'), sums.join(''))
}

/** Regular files, in a fixed order. */
function filesOf(tree: string): string[] {
  return globSync('**/*', { cwd: tree, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(tree.length + 1))
    .sort()
}

/** One time and one mode for everything: programs are executable, all other files readable. */
function stamp(tree: string): void {
  const runs = new Set([
    `${PROGRAM}/bin/node`,
    `${PROGRAM}/bin/fiskal-edge`,
    ...SCRIPTS.map((name) => `DEBIAN/${name}`),
  ])
  for (const entry of globSync('**', { cwd: tree, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isSymbolicLink()) {
      const isRun = entry.isDirectory() || runs.has(path.slice(tree.length + 1))
      chmodSync(path, isRun ? 0o755 : 0o644)
    }
    lutimesSync(path, EPOCH, EPOCH)
  }
  chmodSync(tree, 0o755)
  lutimesSync(tree, EPOCH, EPOCH)
}

/** Seconds since 1970: the time of the commit, if there is a repository. */
function epoch(): number {
  const given = Number(process.env['SOURCE_DATE_EPOCH'])
  if (Number.isInteger(given) && given > 0) return given
  if (!existsSync(join(ROOT, '.git'))) return Math.floor(statSync(join(ROOT, 'package.json')).mtimeMs / 1000)
  return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' }))
}

function readJson(name: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8'))
}

const file = build()
const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex')
console.log(CLIENT)
console.log(`${file}  ${(statSync(file).size / 1e6).toFixed(1)} MB  sha256 ${sha256}`)
