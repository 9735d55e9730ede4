/** A changing request as a till sends it, with its idempotency key: a POST, but for the amendment of an operation. */
export type Asked = { method?: 'POST' | 'PATCH'; path: string; body: object; key: string; ifMatch?: number }
/** An answer of any status; `body` is the text that was received. */
export type Given = { status: number; body: string }

export type Members = { readonly [member: string]: unknown }

/** A 2xx that a client holds in its hands. */
export type Held = Given & { key: string; path: string; final: boolean }

/** All answers to the clients of a run, and whether one key ever got two different ones. */
export class AnswerLog {
  readonly held: Held[] = []
  readonly violations: string[] = []
  readonly #finals = new Map<string, Given>()

  note({ key, path }: Asked, { status, body }: Given): void {
    if (status < 200 || status > 299) return
    const answer = { status, body: withoutKey(body) }
    const final = isFinal(JSON.parse(answer.body) as Members)
    const id = `${path} ${key}`
    const before = this.#finals.get(id)
    if (before !== undefined && (before.status !== status || before.body !== answer.body)) {
      this.violations.push(`${id} was answered twice: ${before.status} ${before.body} / ${status} ${answer.body}`)
    }
    // An answer repeated byte for byte needs no second check.
    if (before !== undefined) return
    if (final) this.#finals.set(id, answer)
    this.held.push({ ...answer, key, path, final })
  }

  isAnswered({ key, path }: Asked): boolean {
    return this.#finals.has(`${path} ${key}`)
  }
}

/** The key of a register is shown once and is in no journal. */
function withoutKey(body: string): string {
  return body.replace(/,"register_api_key":"[^"]*"/, '')
}

/** False while the device is still being asked: the answer of that key is the one after that. */
function isFinal(document: Members): boolean {
  if (document['fiscalization_status'] === 'pending') return false
  const fiscal = document['fiscal'] as Members | undefined
  if (fiscal?.['state'] !== 'pending') return true
  return document['status'] === 'open' && fiscal['start_event'] !== undefined
}
