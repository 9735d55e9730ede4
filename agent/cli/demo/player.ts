import type { Step } from '../../contract/scenario.ts'
import { DATED_BY } from '../../contract/scenario.ts'
import { requestOf } from '../../contract/step-request.ts'
import type { Answer } from '../../laws/demo-shift.ts'
import { at, DemoError } from '../../laws/demo-shift.ts'
import type { PosPlace } from './pos.ts'

/** The agent and its platform key. */
export type Office = PosPlace & { readonly key: string }

export type StepAnswer = { readonly mediaType: string; readonly body: Buffer }

/** An export is waited for. */
const ANSWER_LIMIT_MS = 30_000

/** Plays a scenario from its first step to its last. Throws {@link DemoError} at a step with another status than its own. */
export async function* playSteps(
  steps: readonly Step[],
  office: Office,
): AsyncGenerator<readonly [step: Step, answer: StepAnswer]> {
  let businessDate = ''
  for (const step of steps) {
    const answer = await playStep(step, office, businessDate)
    if (step.name === DATED_BY) businessDate = at(jsonOf(answer), 'created_at').slice(0, 10)
    yield [step, answer]
  }
}

/** Sends a step under its key: the same request again gets the same answer. */
export async function playStep(step: Step, { url, key, stop }: Office, businessDate = ''): Promise<StepAnswer> {
  const { method, path, query, headers, body } = requestOf(step, businessDate)
  const address = new URL(path, url)
  for (const [name, value] of query) address.searchParams.set(name, value)
  const response = await fetch(address, {
    method,
    headers: { ...headers, Authorization: `Bearer ${key}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([stop, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  if (response.status === step.status) return { mediaType: response.headers.get('content-type') ?? '', body: bytes }
  const problem = bytes.toString().slice(0, 400)
  throw new DemoError(`${step.name}, ${method} ${path} was answered ${response.status}: ${problem}`)
}

export function jsonOf({ body }: StepAnswer): Answer {
  return JSON.parse(body.toString()) as Answer
}
