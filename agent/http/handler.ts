import type { Request, Response } from 'express'
import type * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { parse } from '../contract/parse.ts'
import type { Resource } from '../till/application.ts'
import type { Access, Answer, Mutation, Page, PageQuery } from '../till/requests.ts'
import type { Reply } from './send.ts'
import type { FileReply } from './send-file.ts'

/** A request that only looks. */
export type ReadCall = Access & { req: Request; id: string }

export type ReadHandler = { kind: 'read'; run(call: ReadCall): Reply | Promise<Reply> }

/** A page of a list, read and written in portions; `turn` lets the tills go before the next one. */
export type ListHandler = { kind: 'list'; run(call: ReadCall, turn: () => Promise<void>): Promise<Reply> }

export type ChangeHandler = {
  kind: 'change'
  /** Body to act: throws `invalid_request` before anything is asked of the application. */
  prepare(body: Json | undefined, id: string): (mutation: Mutation) => Promise<Answer>
}

/** Answers by itself: a page, a file, a probe. Needs no key. */
export type OpenHandler = { kind: 'open'; run(req: Request): Reply | FileReply }

/** Answers for as long as the caller listens. Throws before the first byte. */
export type StreamHandler = { kind: 'stream'; run(call: ReadCall, res: Response): void }

export type Handler = ReadHandler | ListHandler | ChangeHandler | OpenHandler | StreamHandler

const JSON_TYPE = 'application/json'

export function jsonReply(status: number, body: Json): Reply {
  return { status, mediaType: JSON_TYPE, body: canonicalJson(body) }
}

function resourceReply(resource: Resource): Reply {
  const version = resource['resource_version']
  const headers = typeof version === 'number' ? { ETag: `"${version}"` } : {}
  return { status: 200, mediaType: JSON_TYPE, headers, body: canonicalJson(resource) }
}

export function answerReply(answer: Answer): Reply {
  const headers = answer.replayed ? { ...answer.headers, 'Idempotent-Replayed': 'true' } : answer.headers
  return { status: answer.status, mediaType: JSON_TYPE, headers, body: answer.body }
}

export function readOne(get: (access: Access, id: string) => Resource): ReadHandler {
  return { kind: 'read', run: (call) => resourceReply(get(call, call.id)) }
}

/** Of a list, read in one go: some 3 ms. A portion may be empty, where few fit the filter. */
const PORTION = 10
/** Of a page, which is cut behind the portion that comes to so much; a portion may have a MiB. */
const PAGE_LENGTH = 3 << 20

export function readList<Query extends PageQuery>(
  schema: z.ZodType<Query>,
  list: (access: Access, query: Query, id: string) => Page<Resource>,
): ListHandler {
  return {
    kind: 'list',
    run: async (call, turn) => {
      const query = parse(schema, call.req.query)
      const texts: string[] = []
      let cursor: string | null | undefined = query.cursor
      let length = 0
      while (texts.length < query.limit && cursor !== null && length < PAGE_LENGTH) {
        await turn()
        const limit = Math.min(PORTION, query.limit - texts.length)
        const { data, next_cursor: next } = list(call, { ...query, limit, cursor }, call.id)
        const portion = data.map((resource) => canonicalJson(resource))
        texts.push(...portion)
        length += portion.reduce((sum, text) => sum + text.length, 0)
        cursor = next
      }
      const body = `{"data":[${texts.join(',')}],"next_cursor":${JSON.stringify(cursor ?? null)}}`
      return { status: 200, mediaType: JSON_TYPE, body }
    },
  }
}

/** Of a POST that makes something new. */
export function create<Input>(
  schema: z.ZodType<Input>,
  act: (mutation: Mutation, input: Input) => Promise<Answer>,
): ChangeHandler {
  return change(schema, (mutation, _id, input) => act(mutation, input))
}

export function change<Input>(
  schema: z.ZodType<Input>,
  act: (mutation: Mutation, id: string, input: Input) => Promise<Answer>,
): ChangeHandler {
  return {
    kind: 'change',
    prepare: (body, id) => {
      const input = parse(schema, body)
      return (mutation) => act(mutation, id, input)
    },
  }
}
