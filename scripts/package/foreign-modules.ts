import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { slowness } from '../tests/slowness.ts'
import type { Cpu } from './contents.ts'

const INSTALL_LIMIT_MS = 300_000 * slowness()
const COMPILE_LIMIT_MS = 120_000 * slowness()

/** Debian's cross compilers, of any version: the command without it, and the package of the newest one. */
const COMPILERS: Readonly<Record<Cpu, { command: string; package: string }>> = {
  arm64: { command: 'aarch64-linux-gnu-g++', package: 'g++-aarch64-linux-gnu' },
  x64: { command: 'x86_64-linux-gnu-g++', package: 'g++-x86-64-linux-gnu' },
}

/**
 * According to the package's own binding.gyp. The libraries of C++ stay dynamic: linked into the module they would need
 * a newer glibc than Node does.
 */
const COMPILER_FLAGS = [
  '-std=gnu++17',
  '-O2',
  '-fPIC',
  '-shared',
  '-s',
  '-fno-rtti',
  '-fno-exceptions',
  '-fno-ident',
  '-DNAPI_DISABLE_CPP_EXCEPTIONS',
  '-DNODE_GYP_MODULE_NAME=pkcs11',
  '-DBUILDING_NODE_EXTENSION',
]

/**
 * Installs the libraries for another processor into `folder`: packages with a compiled part come with it from the
 * registry, except pkcs11js, which is compiled here. Throws if the compiler is not installed, and names its Debian
 * package.
 */
export function installForeignModules(root: string, folder: string, cpu: Cpu): void {
  const compiler = compilerFor(cpu)
  mkdirSync(folder, { recursive: true })
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(join(root, name), join(folder, name))
  const args = ['ci', '--omit=dev', '--ignore-scripts', '--os=linux', `--cpu=${cpu}`]
  // "npm run" passes the settings of .npmrc for npx on as if they were typed.
  const env = { ...process.env, npm_config_allow_scripts: undefined }
  execFileSync('npm', args, { cwd: folder, env, stdio: 'pipe', timeout: INSTALL_LIMIT_MS })
  compilePkcs11(join(folder, 'node_modules', 'pkcs11js'), headersIn(root), compiler)
}

/** The headers of Node-API are the same for every processor. */
function headersIn(root: string): string {
  return join(root, 'node_modules', `node-linux-${process.arch}`, 'include', 'node')
}

/** Paths are relative to the package, so that the same sources give the same bytes. */
function compilePkcs11(folder: string, headers: string, compiler: string): void {
  const output = join('build', 'Release', 'pkcs11.node')
  mkdirSync(join(folder, 'build', 'Release'), { recursive: true })
  // These include the other sources; no file includes main.cpp itself.
  const sources = globSync('src/{dl,common,main}.cpp', { cwd: folder }).sort()
  const args = [...COMPILER_FLAGS, '-Iincludes', `-I${headers}`, ...sources, '-o', output]
  execFileSync(compiler, args, { cwd: folder, stdio: 'pipe', timeout: COMPILE_LIMIT_MS })
}

/** Found before the libraries are fetched, which takes half a minute. */
function compilerFor(cpu: Cpu): string {
  const { command, package: name } = COMPILERS[cpu]
  const folders = process.env['PATH']?.split(delimiter) ?? []
  const [found] = folders.flatMap((folder) => globSync(join(folder, `${command}{,-[0-9]*}`)))
  if (found !== undefined) return found
  throw new Error(
    `The package for ${cpu} needs a compiler that is not installed (${command}), else it could not use cards: as root, apt-get install -y ${name}`,
  )
}
