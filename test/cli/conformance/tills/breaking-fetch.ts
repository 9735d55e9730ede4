import { Agent, request } from 'node:http'

type Fetch = typeof fetch
type Init = RequestInit & { readonly headers: Record<string, string> }
/** One exchange of a till that breaks a rule on its line. */
type Exchange = (url: string, init: Init) => Promise<Response>

const COMPLETED = { status: 'completed', resource_version: 2, fiscal: { state: 'succeeded' } }

export function fetchBy(exchange: Exchange): Fetch {
  return (url, init) => exchange(String(url), init as Init)
}

function isCompletion(url: string): boolean {
  return url.endsWith('/complete')
}

function idIn(url: string): string {
  return url.split('/').at(-2) ?? ''
}

export const withoutKey: Exchange = (url, init) => {
  const { 'Idempotency-Key': _, ...headers } = init.headers
  return fetch(url, { ...init, headers: isCompletion(url) ? headers : init.headers })
}

/** A completion without an answer is not sent again: the operation is read. */
export const readInsteadOfAgain: Exchange = async (url, init) => {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (!isCompletion(url)) throw error
    const { 'Idempotency-Key': _, 'If-Match': _version, 'Content-Type': _type, ...headers } = init.headers
    return await fetch(url.replace(/\/complete$/, ''), { headers })
  }
}

const failures = new Map<string, number>()

/** A completion that failed twice counts as done. */
export const hopeful: Exchange = async (url, init) => {
  try {
    return await fetch(url, init)
  } catch (error) {
    const failed = (failures.get(url) ?? 0) + 1
    failures.set(url, failed)
    if (!isCompletion(url) || failed < 2) throw error
    return Response.json({ ...COMPLETED, id: idIn(url) })
  }
}

export const withoutRetryAfter: Exchange = async (url, init) => {
  const answer = await fetch(url, init)
  const headers = new Headers(answer.headers)
  headers.delete('Retry-After')
  return new Response(await answer.arrayBuffer(), { status: answer.status, headers })
}

export const threeTimes: Exchange = async (url, init) => {
  for (let times = 1; ; times++) {
    const answer = await fetch(url, init)
    if (answer.status !== 422 || times === 3) return answer
  }
}

export const versionOfTheRefusal: Exchange = async (url, init) => {
  const answer = await fetch(url, init)
  if (answer.status !== 412) return answer
  const { details } = (await answer.json()) as { details: { current_resource_version: number } }
  const headers = { ...init.headers, 'If-Match': `"${details.current_resource_version}"` }
  return await fetch(url, { ...init, headers })
}

export const moneyAsNumber: Exchange = (url, init) => {
  if (!isCompletion(url)) return fetch(url, init)
  const { payments } = JSON.parse(String(init.body)) as { payments: { amount: string }[] }
  const body = JSON.stringify({ payments: payments.map((payment) => ({ ...payment, amount: Number(payment.amount) })) })
  return fetch(url, { ...init, body })
}

export const keyInTheAddress: Exchange = (url, init) => {
  const isRead = init.method === 'GET' && url.endsWith('/session')
  return fetch(isRead ? `${url}?key=${init.headers['X-Register-Api-Key']}` : url, init)
}

/** A completion that was answered 503 is given up. */
export const voidAfterUnavailable: Exchange = async (url, init) => {
  const answer = await fetch(url, init)
  if (!isCompletion(url) || answer.status !== 503) return answer
  const error = (await answer.json()) as object
  return Response.json({ ...error, status: 422, retryable: false, fiscal_effect: 'none' }, { status: 422 })
}

export const strictAboutMembers: Exchange = async (url, init) => {
  const answer = await fetch(url, init)
  if ((await answer.clone().text()).includes('conformance_unknown')) process.exit(1)
  return answer
}

const ONE_CONNECTION = new Agent({ keepAlive: true, maxSockets: 1 })

/** Ends with its connection. */
export const oneConnection: Exchange = (url, init) =>
  new Promise((resolve, reject) => {
    const { method, headers, body } = init
    const sent = request(url, { method, headers, agent: ONE_CONNECTION }, (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('end', () => {
        const type = { 'Content-Type': String(answer.headers['content-type']) }
        resolve(new Response(Buffer.concat(pieces), { status: answer.statusCode ?? 0, headers: type }))
      })
    })
    sent.on('socket', (socket) => {
      if (socket.listenerCount('close', endTill) === 0) socket.once('close', endTill)
    })
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })

function endTill(): void {
  process.exit(1)
}
