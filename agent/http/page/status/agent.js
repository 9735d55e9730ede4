// Requests to the agent that served this page. The key stays in this tab and is sent as a header, never in a URL.

import { abortedAfter } from './elements.js'

const KEY_NAME = 'fiskal-edge-key'
const ANSWER_LIMIT_MS = 8_000
/** The agent sends something at least every 15 seconds. */
const SILENCE_LIMIT_MS = 25_000
const RETRY_MS = [500, 1_000, 2_000, 4_000]

/** @typedef {import('../../../contract/overview.ts').Overview} Overview */
/** @typedef {{ state: Overview['state'], devices?: Pick<Overview['devices'][number], 'id' | 'state'>[], sync?: { target: string, state: string }[], warnings?: Overview['warnings'], certified?: false }} Readiness */

export class Refused extends Error {
  /** @param {number} status @param {string} code */
  constructor(status, code) {
    super(code)
    this.status = status
    this.code = code
  }
}

export function storedKey() {
  return sessionStorage.getItem(KEY_NAME)
}

/** @param {string | undefined} key undefined forgets it */
export function storeKey(key) {
  if (key === undefined) sessionStorage.removeItem(KEY_NAME)
  else sessionStorage.setItem(KEY_NAME, key)
}

/**
 * @param {string | null} key
 * @returns {Record<string, string>}
 */
function keyHeader(key) {
  if (key === null) return {}
  return key.startsWith('ofk_reg_') ? { 'X-Register-Api-Key': key } : { Authorization: `Bearer ${key}` }
}

/**
 * Throws Refused if the agent refuses, TypeError or an abort if it does not answer.
 * @param {string} path
 * @param {{ accept?: string, merchant?: string, key?: string }} [options]
 */
export async function ask(path, { accept = 'application/json', merchant, key } = {}) {
  const answer = await fetch(path, {
    headers: {
      Accept: accept,
      ...keyHeader(key ?? storedKey()),
      ...(merchant !== undefined && { 'X-OpenFiskal-Merchant': merchant }),
    },
    cache: 'no-store',
    signal: abortedAfter(ANSWER_LIMIT_MS),
  })
  if (answer.ok) return answer
  const body = await answer.json().catch(() => ({}))
  throw new Refused(answer.status, String(body.code ?? answer.status))
}

/** @param {string} [key] instead of the stored one @returns {Promise<Overview>} */
export async function overview(key) {
  return (await ask('/v1/overview', key === undefined ? {} : { key })).json()
}

/** Needs no key; a refusal of an agent that is not ready has the same members. @returns {Promise<Readiness>} */
export async function readiness() {
  const answer = await fetch('/readyz', { cache: 'no-store', signal: abortedAfter(ANSWER_LIMIT_MS) })
  const body = await answer.json()
  if (answer.status === 429) throw new Refused(answer.status, body.code)
  return answer.ok ? body : body.details
}

/**
 * Listens for changes until it is stopped; reconnects automatically, after the last change that it received.
 * @param {{ onChange: () => void, onLive: () => void, onGone: (error: unknown) => void }} listeners
 * @returns {() => void} stops it
 */
export function listen(listeners) {
  const stopping = new AbortController()
  void follow(listeners, stopping.signal)
  return () => stopping.abort()
}

/**
 * @param {Parameters<typeof listen>[0]} listeners
 * @param {AbortSignal} stopped
 */
async function follow(listeners, stopped) {
  const place = { id: '' }
  let failures = 0
  while (!stopped.aborted) {
    const silence = new AbortController()
    const stop = () => silence.abort()
    stopped.addEventListener('abort', stop)
    try {
      await readStream(place, silence, {
        ...listeners,
        onLive: () => {
          failures = 0
          listeners.onLive()
        },
      })
    } catch (error) {
      if (stopped.aborted) return
      listeners.onGone(error)
    } finally {
      stopped.removeEventListener('abort', stop)
    }
    const wait = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 4_000
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

/**
 * @param {{ id: string }} place
 * @param {AbortController} silence aborted by the end of the page's interest, too
 * @param {Parameters<typeof listen>[0]} listeners
 */
async function readStream(place, silence, { onChange, onLive }) {
  const answer = await fetch('/v1/events', {
    headers: { ...keyHeader(storedKey()), ...(place.id !== '' && { 'Last-Event-ID': place.id }) },
    cache: 'no-store',
    signal: silence.signal,
  })
  if (!answer.ok || answer.body === null) throw new Refused(answer.status, String(answer.status))
  onLive()
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  while (true) {
    const timer = setTimeout(() => silence.abort(), SILENCE_LIMIT_MS)
    const { value, done } = await reader.read().finally(() => clearTimeout(timer))
    if (done) throw new Error('the stream ended')
    const blocks = (rest + value).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const id = /^id: ([\d-]+)$/m.exec(block)?.[1]
      if (id !== undefined) place.id = id
    }
    if (blocks.some((block) => /^data: /m.test(block))) onChange()
  }
}
