import type { Request } from 'express'
import { METRICS_TYPE } from '../../contract/watch-routes.ts'
import type { Application } from '../application.ts'
import type { ChangeStreams } from '../change-streams.ts'
import { malformed } from '../entry.ts'
import type { OpenHandler, StreamHandler } from '../handler.ts'

export function watchHandlers(application: Application, streams: ChangeStreams) {
  const events: StreamHandler = {
    kind: 'stream',
    run: ({ req, caller, merchantId }, res) => {
      const after = lastEventIdOf(req)
      if (req.method === 'HEAD') res.writeHead(200, { 'Content-Type': 'text/event-stream' }).end()
      else streams.serve({ caller, merchantId, after }, res)
    },
  }
  const metrics: OpenHandler = {
    kind: 'open',
    run: () => ({ status: 200, mediaType: METRICS_TYPE, body: application.metrics() }),
  }
  return { events, metrics }
}

/** Where a reader stood; undefined where it begins. */
function lastEventIdOf(req: Request): number | undefined {
  const id = req.get('last-event-id')
  if (id === undefined || id === '') return undefined
  if (!/^\d{1,15}$/.test(id)) throw malformed('Last-Event-ID must be the id of an event of this stream.')
  return Number(id)
}
