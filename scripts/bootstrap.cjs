// Makes a fresh clone ready, on any Node from 18: installs node_modules if they are missing or of another lockfile, and
// the system packages that compiled parts need (with --test those of the tests and the generators of clients, with --demo
// none). Prints nothing if there is nothing to do.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { spawnSync } = require('node:child_process')

const root = path.join(__dirname, '..')
const modules = path.join(root, 'node_modules')
const INSTALL_LIMIT_MS = 300_000
const OUTPUT_BYTES = 64 * 1024 * 1024
/** Removed together with node_modules. */
const unbuilt = path.join(modules, '.pkcs11js-unbuilt')
const isTest = process.argv.includes('--test')
const isDemo = process.argv.includes('--demo')

const COMPILER = [
  { package: 'g++', command: 'g++' },
  { package: 'make', command: 'make' },
  { package: 'python3', command: 'python3' },
]
const TEST_TOOLS = [
  ...COMPILER,
  { package: 'softhsm2', command: 'softhsm2-util' },
  { package: 'opensc', command: 'pkcs11-tool' },
  { package: 'socat', command: 'socat' },
  { package: 'poppler-utils', command: 'pdftotext' },
  { package: 'libxml2-utils', command: 'xmllint' },
  { package: 'curl', command: 'curl' },
  { package: 'chromium', command: 'chromium' },
  { package: 'php-cli', command: 'php' },
  { package: 'php-curl', library: 'php/*/curl.so' },
  { package: 'postgresql', library: 'postgresql/*/bin/initdb' },
  { package: 'pgbouncer', command: 'pgbouncer' },
  { package: 'nats-server', command: 'nats-server' },
  // systemd-analyze and systemd-notify
  { package: 'systemd', command: 'systemd-analyze' },
  { package: 'dpkg', command: 'dpkg-deb' },
  // The package for arm64: its module for cards, and a receipt under emulation.
  { package: 'g++-aarch64-linux-gnu', command: 'aarch64-linux-gnu-g++*' },
  { package: 'qemu-user-static', command: 'qemu-aarch64-static' },
  { package: 'btrfs-progs', command: 'mkfs.btrfs' },
  { package: 'libfaketime', library: '*/faketime/libfaketime.so.1' },
  { package: 'fonts-dejavu-core', font: 'dejavu/DejaVuSans.ttf' },
  { package: 'fonts-droid-fallback', font: 'droid/DroidSansFallbackFull.ttf' },
]

function say(text) {
  console.error(`bootstrap: ${text}`)
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * True if every package in the lockfile is installed in that very version. Modification times prove less: a checkout
 * changes them.
 */
function isInstalled() {
  const wanted = readJson(path.join(root, 'package-lock.json'))
  const present = readJson(path.join(modules, '.package-lock.json'))
  if (wanted === undefined || present === undefined) return false
  return Object.entries(wanted.packages).every(([name, entry]) => {
    if (name === '' || entry.link) return true
    const found = present.packages[name]
    return found === undefined ? entry.optional === true : found.version === entry.version
  })
}

/** Everything that npm or apt-get wrote before it failed. */
const log = path.join(modules, '.bootstrap.log')

const REGISTRY = 'name a registry that has everything (npm config set registry URL)'
const PACKAGE = 'or install the Debian package, which needs no network'
const OFFLINE =
  /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|CERT|self.signed|network|socket|temporary failure|could not (resolve|connect)|failed to fetch/i

/** Cause and remedy in our words, by those of npm or apt-get: the first that fits. */
const NPM_CAUSES = [
  [/ENOSPC|no space left/i, () => 'the disk is full: free space (df -h)'],
  [/EACCES|EPERM|permission denied/i, () => `this user may not write in ${root}: repeat as its owner`],
  [/E401|E403|ENEEDAUTH/, (at) => `the registry${at} refuses this machine: npm login, or ${REGISTRY}`],
  [/ETARGET|E404/, (at) => `the registry${at} does not have a package of package-lock.json: ${REGISTRY}`],
  [
    /EINTEGRITY/,
    (at) => `the registry${at} sent another file than package-lock.json names: npm cache clean --force, or ${REGISTRY}`,
  ],
  [
    OFFLINE,
    (at) => `the registry${at} cannot be reached: connect this machine to the network, ${REGISTRY}, ${PACKAGE}`,
  ],
]
const APT_CAUSES = [
  [/no space left/i, () => 'the disk is full: free space (df -h)'],
  [
    /could not get lock|held by process|another process|frontend lock/i,
    (_at, text) => `${holderIn(text)} installs packages: wait until it has ended, then repeat`,
  ],
  [
    /unable to locate|no installation candidate/i,
    () => 'the sources of this machine do not have a package: correct /etc/apt/sources.list',
  ],
  [
    OFFLINE,
    () =>
      'the sources of packages cannot be reached: connect this machine to the network, or correct /etc/apt/sources.list',
  ],
]

function holderIn(text) {
  const [, pid, name] = /held by process (\d+)(?: \(([^)]+)\))?/.exec(text) ?? []
  if (pid === undefined) return 'another program'
  return name === undefined ? `process ${pid}` : `process ${pid} (${name})`
}

/** The address of the registry, without the path of the package. */
function registryIn(text) {
  const [address] = /https?:\/\/[^\s/"')]+/.exec(text) ?? []
  return address === undefined ? '' : ` ${address}`
}

/** The end of a sentence that names the log; empty if it cannot be written. */
function keptText(name, text) {
  try {
    fs.mkdirSync(modules, { recursive: true })
    fs.appendFileSync(log, `${new Date().toISOString()} ${name}\n${text}\n`)
    return `. All of its text: ${log}`
  } catch {
    return ''
  }
}

/** `isExplained`: the same would happen again. */
function run([command, ...args], { name, causes, cwd = root, env = process.env }) {
  const ran = spawnSync(command, args, {
    cwd,
    env,
    timeout: INSTALL_LIMIT_MS,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: OUTPUT_BYTES,
    encoding: 'utf8',
  })
  if (ran.status === 0) return { isDone: true, isExplained: true }
  const text = [ran.stderr, ran.stdout].filter(Boolean).join('\n').trim()
  const isLate = ran.error?.code === 'ETIMEDOUT'
  const found = isLate ? undefined : causes.find(([words]) => words.test(text))
  const why =
    ran.error?.code === 'ENOENT'
      ? `${command} is not installed`
      : isLate
        ? `it did not end within ${INSTALL_LIMIT_MS / 60_000} minutes`
        : (found?.[1](registryIn(text), text) ?? `it ended with ${ran.signal ?? ran.status}`)
  say(`${name} failed: ${why}${keptText(name, text)}`)
  return { isDone: false, isExplained: found !== undefined || ran.error?.code === 'ENOENT' }
}

/**
 * The headers are in the Node package: node-gyp would fetch them from the internet. Its makefiles do not support a path
 * with a blank.
 */
function headers() {
  const folder = path.join(modules, `node-linux-${process.arch}`)
  if (!/\s/.test(folder)) return folder
  const detour = fs.mkdtempSync(path.join(os.tmpdir(), 'fiskal-edge-node-'))
  process.once('exit', () => fs.rmSync(detour, { recursive: true }))
  fs.symlinkSync(folder, path.join(detour, 'node'))
  return path.join(detour, 'node')
}

function npm(args, cwd = root) {
  const nodedir = headers()
  // "npm run" passes the settings of .npmrc for npx on as if they were typed, which "npm ci" refuses.
  const env = { ...process.env, npm_config_nodedir: nodedir, npm_config_allow_scripts: undefined }
  const cli = process.env.npm_execpath
  const command = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm']
  return run([...command, ...args], { name: `npm ${args.join(' ')}`, causes: NPM_CAUSES, cwd, env })
}

function install() {
  say('installing node_modules …')
  // Sometimes an install hangs: it gets a limit and one repeat.
  const first = npm(['ci'])
  if (first.isDone || (!first.isExplained && npm(['ci']).isDone)) return
  say('node_modules could not be installed; after the cause is removed, repeat the command')
  process.exit(1)
}

/** A package that wants TypeScript 5 cannot be one of the project, which has 6. Their tests name them if they are missing. */
function installGenerators() {
  const from = path.join(root, 'clients', 'generators')
  const to = path.join(modules, '.cache', 'generators')
  const installed = path.join(to, 'installed-lock.json')
  const lockfile = path.join(from, 'package-lock.json')
  if (fs.existsSync(installed) && fs.readFileSync(installed).equals(fs.readFileSync(lockfile))) return
  say('installing the generators of clients …')
  fs.mkdirSync(to, { recursive: true })
  fs.rmSync(installed, { force: true })
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
    fs.copyFileSync(path.join(from, name), path.join(to, name))
  }
  if (npm(['ci'], to).isDone) fs.copyFileSync(lockfile, installed)
  else say('continuing without')
}

function isPresent({ command, font, library }) {
  if (command !== undefined) return process.env.PATH.split(path.delimiter).some((folder) => hasFile(folder, command))
  return font === undefined ? hasFile('/usr/lib', library) : hasFile('/usr/share/fonts/truetype', font)
}

/** Each * is a version or an architecture: Debian's releases differ in them. */
function hasFile(folder, pattern) {
  const [first, ...rest] = pattern.split('/')
  const names = first.includes('*') ? namesIn(folder).filter((name) => name.startsWith(first.slice(0, -1))) : [first]
  return names.some((name) => {
    const found = path.join(folder, name)
    return rest.length === 0 ? fs.existsSync(found) : hasFile(found, rest.join('/'))
  })
}

function namesIn(folder) {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}

/** Installs missing packages as root on Debian, otherwise names the command for it. */
function systemPackages(tools) {
  const names = tools.filter((tool) => !isPresent(tool)).map((tool) => tool.package)
  if (names.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`
  if (process.getuid?.() !== 0 || !fs.existsSync('/usr/bin/apt-get')) {
    say(`some parts need packages that are not here; as root: ${command}`)
    return
  }
  say(`installing ${names.join(', ')} …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (words) => run(words.split(' '), { name: words, causes: APT_CAUSES, env }).isDone
  if (!apt('apt-get update -q') || !apt(command)) say(`continuing without; as root: ${command}`)
}

function hasPkcs11() {
  return fs.existsSync(path.join(modules, 'pkcs11js', 'build', 'Release', 'pkcs11.node'))
}

/** Once: npm would have to reinstall packages that a running agent uses. */
function buildPkcs11(isTried) {
  systemPackages(COMPILER)
  if (!COMPILER.every(isPresent)) return
  if (!isTried) {
    say('building pkcs11js …')
    // npm omits an optional package whose build failed.
    npm(fs.existsSync(path.join(modules, 'pkcs11js')) ? ['rebuild', 'pkcs11js'] : ['ci'])
  }
  if (hasPkcs11()) return
  fs.writeFileSync(unbuilt, '')
  say('pkcs11js could not be built: tokens and cards (PKCS#11) are not served; "npm ci --foreground-scripts" says why')
}

// The demo needs no compiled module and must start soon.
const wanted = isTest ? TEST_TOOLS : isDemo ? [] : COMPILER
const isNew = !isInstalled()
if (isTest || isNew) systemPackages(wanted)
if (isNew) install()
if (!isDemo && !hasPkcs11() && !fs.existsSync(unbuilt)) buildPkcs11(isNew)
if (isTest) installGenerators()
// An earlier version made a file there.
const launcher = fs.lstatSync(path.join(modules, '.bin', 'fiskal-edge'), { throwIfNoEntry: false })
if (launcher?.isSymbolicLink() !== true) require('./link-bin.cjs')
require('./reference-script.cjs')
