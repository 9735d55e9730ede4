import { within } from '../waits.ts'
import type { Client, Members } from './client.ts'

/** On a busy machine the device answers after the deadline of `fiscalize`: the office asks again. */
export function untilFiscalized(office: Client, answer: Members): Promise<void> {
  return within('a fiscalized register', asked(office, answer))
}

async function asked(office: Client, answer: Members): Promise<void> {
  const path = `/v1/registers/${String(answer['id'])}`
  for (let shown = answer; shown['fiscalization_status'] !== 'fiscalized'; ) {
    const isFailed = shown['fiscalization_status'] === 'failed'
    shown = isFailed ? await office.post(`${path}/fiscalize`, {}, 202) : await office.get(path)
  }
}
