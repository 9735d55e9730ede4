import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { codeOf } from '../../base/thrown.ts'
import { FiskalError, rateLimited } from '../errors.ts'
import { headersOf } from './entry.ts'
import { CallerGone } from './send.ts'

/** A file to be streamed as a download; `fileName` is its name on the caller's disk. */
export type FileReply = { path: string; fileName: string; mediaType: string }

/** The limit of all callers together: each download has an open file, and takes memory and time of the event loop. */
const DOWNLOADS_MAX = 16
const RETRY_AFTER_SECONDS = 10

/** Running downloads. A client that reads nothing for a while is disconnected. */
export class Downloads {
  readonly #stalledMs: number
  #open = 0

  constructor(stalledMs: number) {
    this.#stalledMs = stalledMs
  }

  /** Throws `rate_limit_exceeded`, `not_found` if the file was removed, CallerGone if the caller disconnected. */
  async send(req: Request, res: Response, reply: FileReply): Promise<void> {
    if (this.#open >= DOWNLOADS_MAX) {
      const message = `${DOWNLOADS_MAX} files are being downloaded already; finish those first.`
      throw rateLimited(message, RETRY_AFTER_SECONDS)
    }
    this.#open++
    res.setTimeout(this.#stalledMs, () => res.destroy())
    try {
      await sendFile(req, res, reply)
    } finally {
      this.#open--
    }
  }
}

async function sendFile(req: Request, res: Response, reply: FileReply): Promise<void> {
  await using file = await openFile(reply.path)
  const { size } = await file.stat()
  const own = {
    'Content-Type': reply.mediaType,
    'Content-Length': size,
    'Content-Disposition': `attachment; filename="${reply.fileName.replaceAll(/[^\w.-]/g, '_')}"`,
  }
  res.writeHead(200, headersOf<string | number>(res, own))
  if (req.method === 'HEAD' || size === 0) {
    res.end()
    return
  }
  try {
    // Never more than Content-Length: a file that grows must not break the framing of the connection.
    await pipeline(file.createReadStream({ end: size - 1, autoClose: false }), res)
  } catch (error) {
    if (res.destroyed && !res.writableFinished) throw new CallerGone('the client disconnected during the download')
    throw error
  }
}

async function openFile(path: string) {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      throw new FiskalError('not_found', 'The file of this export was removed.', { resource: 'export' })
    }
    throw error
  }
}
