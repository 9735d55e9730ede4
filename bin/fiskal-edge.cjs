#!/usr/bin/env node
// The second half of bin/fiskal-edge: starts the command line on the project's own Node 24. The host's Node needs version
// 18 or newer.
const fs = require('node:fs')
const path = require('node:path')
const nodeModule = require('node:module')
const { spawn } = require('node:child_process')
const { constants } = require('node:os')

const root = path.join(__dirname, '..')
const entry = path.join(root, 'agent', 'cli', 'main.ts')
const args = process.argv.slice(2)
const isDaemon = args[0] === 'run'

// Compiled code is cached: types are not stripped again, which halves the start and saves the daemon 15 MB (measured).
const compileCache = path.join(root, 'node_modules', '.cache', 'fiskal-edge')

/** The Node of node_modules, or the host's if it is new enough. */
function findNode() {
  const own = path.join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
  if (fs.existsSync(own)) return own
  return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : undefined
}

/**
 * V8 options of the daemon; the package and the benchmarks read them from the same file.
 *
 * Idle memory is returned to the system (agent/process/idle-memory.ts, with --expose-gc). The limit of the heap keeps a
 * fault below the memory of the unit. With that limit alone V8 makes the young generation so small that a sale takes ten
 * times the CPU time: its size is set, too (measured).
 *
 * V8 optimizes a function after 1,000 calls, not after 3,000: what runs once a sale would be slow for most of a day.
 *
 * Memory of V8's compiler, in blocks of 32 KB, comes from the system directly (mmap), so that free blocks are returned:
 * on the malloc heap they are between small blocks that live on. One malloc heap for all threads keeps less than several.
 * Figures, and options that were dropped: docs/adr/070-tuning-needs-two-percent.md.
 *
 * A call on a disk or share that hangs holds a thread of the pool. With the four threads of Node, one hanging folder of
 * backups would block everything that reads a file.
 */
const daemon = require('./daemon.json')

/** npm or an older Node remains as the parent: the daemon gets its pid and exits when the parent has exited. */
function environment(parent) {
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env }
  if (isDaemon) Object.assign(env, daemon.environment)
  if (isDaemon && parent !== undefined) env.FISKAL_EDGE_PARENT = String(parent)
  return env
}

/** The pid of the parent, or of its parent if that is the shell of an npm script. */
function npmProcess() {
  try {
    const [, name, parent] = /\((.*)\) \S+ (\d+)/s.exec(fs.readFileSync(`/proc/${process.ppid}/stat`, 'utf8'))
    return /^(sh|dash|bash)$/.test(name) ? Number(parent) : process.ppid
  } catch {
    return process.ppid
  }
}

function start(node) {
  const command = [...(isDaemon ? daemon.flags : []), entry, ...args]
  if (typeof process.execve === 'function') {
    // Replaces this process with the daemon: one pid, which receives every signal itself.
    const parent = process.env.npm_lifecycle_event === undefined ? undefined : npmProcess()
    process.removeAllListeners('warning')
    process.execve(node, [node, ...command], environment(parent))
  }
  const child = spawn(node, command, { stdio: 'inherit', env: environment(process.pid) })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`fiskal-edge: ${node} does not start: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal]
  })
}

const node = findNode()
if (node === undefined) {
  console.error(
    `fiskal-edge: node_too_old: it needs Node 24, this is ${process.version}. "npm ci" in ${root} installs it in the project.`,
  )
  process.exitCode = 1
} else if (!isDaemon && fs.realpathSync(process.execPath) === fs.realpathSync(node)) {
  nodeModule.enableCompileCache(compileCache)
  void import(entry)
} else {
  start(node)
}
