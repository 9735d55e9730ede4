import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { Request } from 'express'
import type { Contract } from '../../contract/contract-of.ts'
import type { PlayedStep } from '../../contract/examples.ts'
import type { DescribedAgent } from '../../contract/openapi.ts'
import { openapiOf } from '../../contract/openapi.ts'
import { postmanOf } from '../../contract/postman.ts'
import type { ErrorCode } from '../../errors.ts'
import { ERRORS, FiskalError } from '../../errors.ts'
import { preferredType } from '../accept.ts'
import type { OpenHandler } from '../handler.ts'
import { jsonReply } from '../handler.ts'
import { openapiCopy } from '../openapi-copy.ts'
import { docsPage } from '../page/docs-page.ts'
import { errorPage } from '../page/error-page.ts'
import { PAGE_POLICY } from '../page/frame.ts'
import type { Reply } from '../send.ts'

/** OpenAPI document, reference page, Postman collection and error pages. Built at the first request, kept as bytes. */
export function docsHandlers(contract: Contract, agent: DescribedAgent) {
  const made = (): string => JSON.stringify(openapiOf(contract, agent, readExamples()))
  const document = once(() => cacheable('application/json', openapiCopy(contract, agent) ?? made()))
  // The page shows no examples. Its description is not kept: an agent may never be asked for the other.
  const page = once(() => cacheable('text/html; charset=utf-8', docsPage(openapiOf(contract, agent))))
  const collection = once(() => cacheable('application/json', JSON.stringify(postmanOf(readExamples(), agent.url))))
  const openapi: OpenHandler = { kind: 'open', run: (req) => revalidated(req, document()) }
  const postman: OpenHandler = { kind: 'open', run: (req) => revalidated(req, collection()) }
  const docs: OpenHandler = { kind: 'open', run: (req) => revalidated(req, page()) }
  const docsJson: OpenHandler = {
    kind: 'open',
    run: () => ({ status: 301, mediaType: 'application/json', headers: { Location: '/openapi-json' }, body: '' }),
  }
  return {
    openapi,
    docs,
    docsPlain: docs,
    docsJson,
    postman,
    clientPackage: clientPackage(agent.version),
    errorPage: explanation,
  }
}

/** Read at each request: a shop's agent is never asked for it. */
function clientPackage(version: string): OpenHandler {
  const installed = new URL('../../../clients/fiskal-edge-client.tgz', import.meta.url)
  const built = new URL(`../../../dist/fiskal-edge-client-${version}.tgz`, import.meta.url)
  return {
    kind: 'open',
    run: () => {
      const file = [installed, built].find((one) => existsSync(one))
      if (file === undefined)
        throw new FiskalError('not_found', 'This checkout has not built the client: run npm run package.')
      const headers = { 'Content-Disposition': `attachment; filename="fiskal-edge-client-${version}.tgz"` }
      return { status: 200, mediaType: 'application/gzip', headers, body: readFileSync(file) }
    },
  }
}

/** The answers of an agent to the scenario. Read when asked for: selling needs none of it. */
function readExamples(): readonly PlayedStep[] {
  const file = new URL('../../contract/examples.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as readonly PlayedStep[]
}

function once<T>(make: () => T): () => T {
  let cached: { value: T } | undefined
  return () => {
    cached ??= { value: make() }
    return cached.value
  }
}

export type CacheableReply = Reply & { headers: Readonly<Record<string, string>> & { ETag: string } }

function cacheable(mediaType: string, text: string): CacheableReply {
  const body = Buffer.from(text, 'utf8')
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  const headers = { ETag: etag, 'Cache-Control': 'no-cache' }
  const page = mediaType.startsWith('text/html') ? { 'Content-Security-Policy': PAGE_POLICY } : {}
  return { status: 200, mediaType, headers: { ...headers, ...page }, body }
}

/** 304 if the caller has the same bytes. */
export function revalidated(req: Request, reply: CacheableReply): Reply {
  const ifNoneMatch = req.headers['if-none-match']
  if (ifNoneMatch === undefined) return reply
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (!tags.includes('*') && !tags.includes(reply.headers.ETag)) return reply
  return { ...reply, status: 304, body: '' }
}

const explanation: OpenHandler = {
  kind: 'open',
  run: (req) => {
    const code = req.params['code']
    if (typeof code !== 'string' || !isErrorCode(code)) {
      throw new FiskalError('not_found', 'There is no such error code.', { resource: 'error' })
    }
    const { status, title, remedy } = ERRORS[code]
    if (preferredType(req.headers.accept, ['application/json', 'text/html']) !== 'text/html') {
      return jsonReply(200, { type: `/errors/${code}`, title, status, code, remedy })
    }
    return {
      status: 200,
      mediaType: 'text/html; charset=utf-8',
      headers: { 'Content-Security-Policy': PAGE_POLICY },
      body: errorPage(code),
    }
  },
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}
