import type { SecureElement } from '../se-api/secure-element.ts'
import type { SeLog } from '../se-api/store.ts'
import { readTar } from '../tr03151/tar.ts'
import type { Result } from './simulator-wire.ts'

/** Ids rise, differ from the counters, and begin again after a deletion. */
const ID_FIRST = 4096
const ID_STEP = 8
const NEWEST_WIDTH = 64
const types = { Tra: 0, Sys: 1, Aud: 2 } as const
const modes = ['first', 'last', 'id', 'next'] as const

/** One entry of the TSE Store; empty for an invalid one, before the beginning or after the end. */
export async function entryAt(mode: number, id: number, element: SecureElement): Promise<Result> {
  const { deletedUpTo, signatureCounter } = element.info().state
  const counter = counterOf(modes[mode], (id - ID_FIRST) / ID_STEP + deletedUpTo, deletedUpTo, signatureCounter)
  if (!Number.isInteger(counter) || counter <= deletedUpTo) return []
  // By an export, so that its faults apply.
  for await (const { name, content } of readTar(await element.exportLogs({ afterCounter: counter - 1 }))) {
    const kind = /_Log-(Tra|Sys|Aud)/.exec(name)?.[1] as keyof typeof types
    return [ID_FIRST + ID_STEP * (counter - deletedUpTo), types[kind], content ?? new Uint8Array()]
  }
  return []
}

function counterOf(mode: (typeof modes)[number] | undefined, at: number, deletedUpTo: number, last: number): number {
  switch (mode) {
    case 'first':
      return deletedUpTo + 1
    case 'last':
      return last
    case 'next':
      return at + 1
    case 'id':
    case undefined:
      return at
  }
}

/** The newest log of a transaction, of that client if one is named, read backwards in growing steps. */
export async function newestLog(client: string, element: SecureElement): Promise<SeLog | undefined> {
  const { deletedUpTo, signatureCounter } = element.info().state
  for (let to = signatureCounter, width = NEWEST_WIDTH; to > deletedUpTo; width *= 2) {
    const from = Math.max(deletedUpTo + 1, to - width + 1)
    let newest: SeLog | undefined
    for await (const log of element.logsFrom(from)) {
      if (log.counter > to) break
      if (log.kind === 'Tra' && (client === '' || log.clientId === client)) newest = log
    }
    if (newest !== undefined) return newest
    to = from - 1
  }
  return undefined
}
