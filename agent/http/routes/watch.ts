import type { Request } from 'express'
import { parse } from '../../contract/parse.ts'
import type { Language } from '../../contract/receipt.ts'
import { eventsQuery, METRICS_TYPE } from '../../contract/watch-routes.ts'
import { FiskalError } from '../../errors.ts'
import { codePicture as pictureOf } from '../../receipts/html.ts'
import type { Application } from '../../till/application.ts'
import type { CacheableReply } from '../cacheable.ts'
import { revalidated } from '../cacheable.ts'
import type { ChangeStreams } from '../change-streams.ts'
import { headersOf, malformed } from '../entry.ts'
import type { OpenHandler, ReadHandler, StreamHandler } from '../handler.ts'
import { jsonReply } from '../handler.ts'
import { oncePerIteration } from '../once-per-iteration.ts'
import type { PageFile } from '../page/status-page.ts'
import { pageFile as fileOfPage, statusPage as pageIn, STATUS_POLICY } from '../page/status-page.ts'

export function watchHandlers(application: Application, streams: ChangeStreams, support: string | undefined) {
  const events: StreamHandler = {
    kind: 'stream',
    run: ({ req, caller, merchantId }, res) => {
      const after = lastEventIdOf(req)
      const follows = parse(eventsQuery, req.query).follow !== 'false'
      if (req.method === 'HEAD') res.writeHead(200, headersOf(res, { 'Content-Type': 'text/event-stream' })).end()
      // Without the header the stream covers all merchants: a second one may be added while it is open.
      else streams.serve({ caller, merchantId: named(req) ? merchantId : undefined, after, follows }, res)
    },
  }
  const text = oncePerIteration(() => Buffer.from(application.metrics(), 'utf8'))
  const metrics: OpenHandler = {
    kind: 'open',
    run: () => ({ status: 200, mediaType: METRICS_TYPE, body: text() }),
  }
  const overview: ReadHandler = {
    kind: 'read',
    run: (call) => jsonReply(200, application.overview(call)),
  }
  return {
    events,
    metrics,
    overview,
    operationsCode: codePicture(application),
    statusPage: statusPage(support),
    pageFile,
  }
}

/** For a screen: scanning it gives the same data as the code on paper. */
function codePicture({ operations }: Application): ReadHandler {
  return {
    kind: 'read',
    run: (call) => {
      const { id } = call
      const { qr } = operations.receipt(call, id, 'en')
      if (qr === null) throw new FiskalError('not_found', 'This receipt carries no code.', { resource: 'code', id })
      return { status: 200, mediaType: 'image/svg+xml', body: pictureOf(qr) }
    },
  }
}

function statusPage(support: string | undefined): OpenHandler {
  return {
    kind: 'open',
    run: (req) => {
      const reply = fileReply(pageIn(languageOf(req), support))
      return revalidated(req, {
        ...reply,
        headers: { ...reply.headers, 'Content-Security-Policy': STATUS_POLICY, Vary: 'Accept-Language' },
      })
    },
  }
}

/** The language that the caller's browser asks for. */
export function languageOf(req: Request): Language {
  const wanted = req.acceptsLanguages(['en', 'de', 'it'])
  return wanted === 'de' || wanted === 'it' ? wanted : 'en'
}

const pageFile: OpenHandler = {
  kind: 'open',
  run: (req) => {
    const { file: name } = req.params
    const file = typeof name === 'string' ? fileOfPage(name) : undefined
    if (file === undefined) throw new FiskalError('not_found', 'The page has no such file.', { resource: 'file' })
    return revalidated(req, fileReply(file))
  },
}

function fileReply({ mediaType, body, etag }: PageFile): CacheableReply {
  return { status: 200, mediaType, headers: { ETag: etag, 'Cache-Control': 'no-cache' }, body }
}

function named(req: Request): boolean {
  return req.get('x-openfiskal-merchant') !== undefined
}

/** The last event that the reader has; undefined for a new reader. */
function lastEventIdOf(req: Request): string | undefined {
  const id = req.get('last-event-id')
  if (id === undefined || id === '') return undefined
  if (!/^(\d{1,6}-)?\d{1,15}$/.test(id)) throw malformed('Last-Event-ID must be the id of an event of this stream.')
  return id
}
