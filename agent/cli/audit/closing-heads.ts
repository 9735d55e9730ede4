import { createReadStream, existsSync } from 'node:fs'
import { headText } from '../../journal/chain.ts'
import { CLOSING_MARK, sessionPartsOf } from '../../journal/documents/parts.ts'
import type { EventBody } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import type { ExportedEvent } from '../../journal/verify/chains.ts'
import { eventsIn } from '../../journal/verify/chains.ts'

/** The journal head on the receipt of each closing. */
export class ClosingHeads {
  readonly #heads = new Map<string, string>()

  note({ seq, hash }: ExportedEvent, body: EventBody): void {
    const session = sessionPartsOf(body)
    const number = session?.own.z_number
    if (session !== undefined && number !== undefined)
      this.#heads.set(`${session.register} ${number}`, headText(seq, Buffer.from(hash, 'base64url')))
  }

  of(register: string, number: number): string | undefined {
    return this.#heads.get(`${register} ${number}`)
  }
}

/** The heads in a journal file as far as it can be read; none if it was not written. */
export async function headsIn(journal: string): Promise<ClosingHeads> {
  const heads = new ClosingHeads()
  if (!existsSync(journal)) return heads
  for await (const event of eventsIn(createReadStream(journal), CLOSING_MARK)) heads.note(event, bodyOf(event))
  return heads
}
