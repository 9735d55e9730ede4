import type { Request, Response } from 'express'
import type * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { parse } from '../contract/parse.ts'
import type { Access, Answer, Mutation, Page, PageQuery, Resource } from '../till/requests.ts'
import type { Reply } from './send.ts'
import type { FileReply } from './send-file.ts'

/** A request that changes nothing. */
export type ReadCall = Access & {
  req: Request
  /** The real id of the path, also for a request that wrote a key; empty for a path without an id. */
  id: string
  /** Its ids are real, too; empty if the route has no query. */
  query: Request['query']
}

export type ReadHandler = { kind: 'read'; run(call: ReadCall): Reply | Promise<Reply> }

/** A page of a list, read and written in portions; `yieldToTills` is called before each portion. */
export type ListHandler = { kind: 'list'; run(call: ReadCall, yieldToTills: () => Promise<void>): Promise<Reply> }

export type ChangeHandler = {
  kind: 'change'
  /** Parses the body: throws `invalid_request` before the application is called. */
  prepare(body: Json | undefined, id: string): (mutation: Mutation) => Promise<Answer>
}

/** Needs no key: a page, a probe. */
export type OpenHandler = { kind: 'open'; run(req: Request): Reply }

/** A file, by a signed link or by a key. */
export type FileHandler = {
  kind: 'file'
  /** Throws for a request without a key if its link is not valid; with one that is undefined. */
  linked(req: Request): FileReply | undefined
  /** `gone`: the caller has disconnected. */
  run(call: ReadCall, gone: AbortSignal): Promise<FileReply>
}

/** Answers until the caller disconnects. Throws only before the first byte. */
export type StreamHandler = { kind: 'stream'; run(call: ReadCall, res: Response): void }

export type Handler = ReadHandler | ListHandler | ChangeHandler | OpenHandler | FileHandler | StreamHandler

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

export function readOneBy<Query>(
  schema: z.ZodType<Query>,
  get: (access: Access, query: Query, id: string) => Resource,
): ReadHandler {
  return { kind: 'read', run: (call) => resourceReply(get(call, parse(schema, call.query), call.id)) }
}

/** Entries of a list that are read at once, in some 3 ms. A portion may be empty if few entries match the filter. */
const PORTION = 10
/** A page ends after the portion that reaches this length; a portion may have 1 MiB. */
const PAGE_LENGTH = 3 << 20

export function readList<Query extends PageQuery>(
  schema: z.ZodType<Query>,
  list: (access: Access, query: Query, id: string) => Page<Resource>,
): ListHandler {
  return {
    kind: 'list',
    run: async (call, yieldToTills) => {
      const query = parse(schema, call.query)
      const texts: string[] = []
      let cursor: string | null | undefined = query.cursor
      let length = 0
      while (texts.length < query.limit && cursor !== null && length < PAGE_LENGTH) {
        await yieldToTills()
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

/** `id` is that of the path; empty for a POST that creates something. */
export function change<Input>(
  schema: z.ZodType<Input>,
  act: (mutation: Mutation, input: Input, id: string) => Promise<Answer>,
): ChangeHandler {
  return {
    kind: 'change',
    prepare: (body, id) => {
      const input = parse(schema, body)
      return (mutation) => act(mutation, input, id)
    },
  }
}
