#!/usr/bin/env node
// Starts the command line on the project's own Node 24, whatever Node the host has (18 or newer).
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
 * The heap may be wide while the tills work, since it is released to the system when they rest
 * (agent/process/idle-memory.ts): with 64 MB for old things and 8 MB for new ones the collector took a tenth of a
 * sale's time at twenty tills, and left no less in a rest (measured). V8's own choice takes 160 MB instead of 110.
 *
 * Bytecode is kept: optimized code does not run it, so that it passes for unused, and is parsed and warmed up again
 * whenever an optimization is undone, which was a tenth of a sale's time at twenty tills, a sixth at one (measured).
 *
 * V8's compiler takes its memory in pieces of 32 KB: from the system itself, so that each is released when it is no
 * longer needed. Between small things that stay, up to 40 MB of them were kept permanently after a rush (measured).
 *
 * Half of the threads look names up. Without internet each lookup of a sync target takes one of them for up to half a
 * minute, and the next one begins before it ends: with two threads none was left to find a printer by its name.
 */
const daemon = require('./daemon.json')

/**
 * npm and an older Node remain as the parent: the daemon receives its pid and watches it, so that it never outlives it.
 */
function environment(parent) {
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env }
  if (isDaemon) Object.assign(env, daemon.environment)
  if (isDaemon && parent !== undefined) env.FISKAL_EDGE_PARENT = String(parent)
  return env
}

/** The parent, or the one above the shell that npm runs a script in. */
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
    // Becomes the daemon: one process, one pid, and it receives every signal itself.
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
