import type { Exchange } from './kept-shop.ts'
import { isClaimed } from './kept-shop.ts'

/** While `work` runs, every request of this process that an agent answered under a key is kept. */
export async function recorded<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; exchanges: readonly Exchange[] }> {
  const exchanges: Exchange[] = []
  const plain = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const body = init?.body ?? ''
    const response = await plain(input, init)
    if (
      typeof body === 'string' &&
      isClaimed(request.method, request.headers.get('idempotency-key'), response.status)
    ) {
      const { pathname, search } = new URL(request.url)
      const { method, headers } = request
      const answer = await response.clone().text()
      const { status } = response
      exchanges.push({ method, path: pathname + search, headers: Object.fromEntries(headers), body, status, answer })
    }
    return response
  }
  try {
    return { result: await work(), exchanges }
  } finally {
    globalThis.fetch = plain
  }
}
