import type * as Http from 'node:http'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { CodedError, codeOf } from '../../../base/thrown.ts'
import type { Administration } from '../../till/administration.ts'
import { ACT_ARGUMENTS } from '../../till/administration.ts'
import type { Diagnosis } from '../../watch/diagnosis.ts'
import { handedOver } from '../owner/hand-over.ts'
import type { Ask } from './asking.ts'
import { asking } from './asking.ts'
import { reportingHolder } from './held-journal.ts'

/** The technician's work, wherever it is done: every act of {@link Administration}, asynchronous. */
export type Technician = {
  readonly [Act in keyof Administration]: (
    ...args: Parameters<Administration[Act]>
  ) => Promise<Awaited<ReturnType<Administration[Act]>>>
}

// Not imported: reading all members of node:http, as an import does, loads a fetch client that takes 14 MB (Node 24).
const { request } = createRequire(import.meta.url)('node:http') as typeof Http

const ANSWER_LIMIT_BYTES = 16 * 1024 * 1024
/** Limit without a sign of life: a longer act sends one each minute. */
const SILENCE_LIMIT_MS = 10 * 60_000
/** A daemon that hangs, or waits for a disk, is not waited for. */
const STATUS_LIMIT_MS = 10_000
/** A diagnosis of a hanging agent comes at once or not at all. */
const DIAGNOSIS_LIMIT_MS = 2_000

/**
 * The running daemon at that socket; undefined if no process listens. Throws `timeout` if it is silent for `limitMs`,
 * `permission_denied` if the socket is another user's.
 */
export async function findDaemon(
  socketPath: string,
  limitMs = STATUS_LIMIT_MS,
): Promise<{ technician: Technician; status: unknown } | undefined> {
  try {
    const status = await ask(socketPath, 'status', {}, limitMs)
    return { technician: remoteTechnician(socketPath), status }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'shutting_down') return undefined
    if (code === 'EACCES')
      throw new CodedError('permission_denied', `${socketPath} belongs to another user: run as that user or root`)
    throw error
  }
}

/** The running work of the daemon; undefined if no process listens. Throws `timeout` if it is silent. */
export async function askDiagnosis(socketPath: string): Promise<Diagnosis | undefined> {
  try {
    return (await ask(socketPath, 'diag', {}, DIAGNOSIS_LIMIT_MS)) as Diagnosis
  } catch (error) {
    if (codeOf(error) === 'shutting_down') return undefined
    throw error
  }
}

function remoteTechnician(socketPath: string): Technician {
  const names: Readonly<Record<string, readonly string[]>> = ACT_ARGUMENTS
  const call: Ask = (act, ...args) => {
    const input = Object.fromEntries((names[act] ?? []).map((name, at) => [name, args[at]]))
    return reportingHolder(dirname(socketPath), ask(socketPath, act, input))
  }
  // The daemon answers in the types of Administration: both ends are one program of one version.
  const asked = asking<Technician>(Object.keys(ACT_ARGUMENTS), call)
  return {
    ...asked,
    exportTo: (type, range, path) => handedOver(dirname(socketPath), path, (file) => asked.exportTo(type, range, file)),
  }
}

const SILENT =
  'The agent runs and does not answer: what was begun may be done or not. fiskal-edge doctor shows its process; if it does not come back, restart it.'

/** Codes of the system for a socket without a listener, or one that has just ended. */
const ABSENT = new Set<unknown>(['ENOENT', 'ECONNREFUSED'])
const GONE = new Set<unknown>(['ECONNRESET', 'EPIPE'])

function ofDaemon(error: unknown): unknown {
  const code = codeOf(error)
  if (ABSENT.has(code))
    return new CodedError('shutting_down', 'The agent has just ended: nothing was done. Do it again.')
  if (!GONE.has(code)) return error
  return new CodedError(
    'shutting_down',
    'The agent ended before it answered: what was begun may be done or not. Check the result when it is back, and repeat the command.',
  )
}

async function ask(socketPath: string, act: string, input: object, limitMs = SILENCE_LIMIT_MS): Promise<unknown> {
  const { status, body } = await exchange(socketPath, act, JSON.stringify(input), limitMs).catch((error: unknown) => {
    throw ofDaemon(error)
  })
  const answer: unknown = JSON.parse(body)
  if (status === 200) return answer
  const { code, message } = answer as { code?: unknown; message?: unknown }
  throw new CodedError(String(code), String(message))
}

function exchange(
  socketPath: string,
  act: string,
  body: string,
  limitMs: number,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const call = request(
      { socketPath, method: 'POST', path: `/${act}`, headers, timeout: limitMs, agent: false },
      (res) => {
        let text = ''
        res.setEncoding('utf8')
        res.on('data', (chunk: string) => {
          text += chunk
          if (text.length > ANSWER_LIMIT_BYTES)
            call.destroy(new CodedError('internal_error', 'the answer of the daemon is too long'))
        })
        res.on('end', () => resolve({ status: res.statusCode ?? 0, body: text }))
        res.on('error', reject)
      },
    )
    call.on('timeout', () => call.destroy(new CodedError('timeout', SILENT)))
    call.on('error', reject)
    call.end(body)
  })
}

/** Reads an answer, which is JSON of any shape. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
