import { readFileSync } from 'node:fs'
import { canonicalJson } from '../../../base/canonical.ts'
import { once } from '../../../base/once.ts'
import type { Contract } from '../../contract/contract-of.ts'
import type { PlayedStep } from '../../contract/examples.ts'
import type { DescribedAgent } from '../../contract/openapi.ts'
import { openapiOf } from '../../contract/openapi.ts'
import { postmanOf } from '../../contract/postman.ts'
import type { ErrorCode } from '../../errors.ts'
import { ERRORS, FiskalError } from '../../errors.ts'
import { preferredType } from '../accept.ts'
import type { CacheableReply } from '../cacheable.ts'
import { cacheable, revalidated } from '../cacheable.ts'
import type { OpenHandler } from '../handler.ts'
import { openapiCopy } from '../openapi-copy.ts'
import { docsPage } from '../page/docs-page.ts'
import { errorPage } from '../page/error-page.ts'
import { PAGE_POLICY } from '../page/frame.ts'
import { clientPackage, openHandler, referenceHandlers } from './reference.ts'

const JSON_TYPE = 'application/json'
const HTML_TYPE = 'text/html; charset=utf-8'
const PAGE_HEADERS = { 'Content-Security-Policy': PAGE_POLICY }

/** OpenAPI document, reference pages, Postman collection and error pages. Built at the first request, kept as bytes. */
export function docsHandlers(contract: Contract, agent: DescribedAgent) {
  const made = (): string => JSON.stringify(openapiOf(contract, agent, readExamples()))
  const document = once(() => cacheable(JSON_TYPE, openapiCopy(contract, agent) ?? made()))
  // The page shows no examples. Its description is not kept: an agent may never be asked for the other.
  const plain = once(() => cacheable(HTML_TYPE, docsPage(openapiOf(contract, agent)), PAGE_HEADERS))
  const collection = once(() => cacheable(JSON_TYPE, JSON.stringify(postmanOf(readExamples(), agent.url))))
  const docsJson: OpenHandler = {
    kind: 'open',
    run: () => ({ status: 301, mediaType: JSON_TYPE, headers: { Location: '/openapi-json' }, body: '' }),
  }
  return {
    ...referenceHandlers(plain),
    openapi: openHandler(document),
    docsJson,
    postman: openHandler(collection),
    clientPackage: clientPackage(agent.version),
    errorPage: explanation,
  }
}

/** The answers of an agent to the scenario. Read when asked for: selling needs none of it. */
function readExamples(): readonly PlayedStep[] {
  const file = new URL('../../contract/examples.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as readonly PlayedStep[]
}

/** The explanation of each error code, as a page and as JSON. */
const explanations = new Map<string, CacheableReply>()

const explanation: OpenHandler = {
  kind: 'open',
  run: (req) => {
    const code = req.params['code']
    if (typeof code !== 'string' || !isErrorCode(code)) {
      throw new FiskalError('not_found', 'There is no such error code.', { resource: 'error' })
    }
    const isPage = preferredType(req.headers.accept, [JSON_TYPE, 'text/html']) === 'text/html'
    const name = `${code} ${isPage}`
    const reply = explanations.get(name) ?? explanationOf(code, isPage)
    explanations.set(name, reply)
    return revalidated(req, reply)
  },
}

function explanationOf(code: ErrorCode, isPage: boolean): CacheableReply {
  const { status, title, remedy } = ERRORS[code]
  if (isPage) return cacheable(HTML_TYPE, errorPage(code), { ...PAGE_HEADERS, Vary: 'Accept' })
  const members = { type: `/errors/${code}`, title, status, code, remedy }
  return cacheable(JSON_TYPE, canonicalJson(members), { Vary: 'Accept' })
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}
