import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { codeOf } from '../../base/thrown.ts'
import { FiskalError } from '../errors.ts'
import { headersOf } from './entry.ts'
import { CallerGone } from './send.ts'

/** A file to be streamed as a download; `fileName` is what the caller's disk shall call it. */
export type FileReply = { path: string; fileName: string; mediaType: string }

/** Of all callers together: each has a file open, and takes its part of the memory and of each turn of the event loop. */
const DOWNLOADS_MAX = 16
const RETRY_AFTER_SECONDS = 10

/** Files that are being taken. Who takes nothing for a while is cut off. */
export class Downloads {
  readonly #stalledMs: number
  #open = 0

  constructor(stalledMs: number) {
    this.#stalledMs = stalledMs
  }

  /** Throws `rate_limit_exceeded`, `not_found` where the file is gone, CallerGone where the caller left in the middle. */
  async send(req: Request, res: Response, reply: FileReply): Promise<void> {
    if (this.#open >= DOWNLOADS_MAX) {
      const retryAfterSeconds = RETRY_AFTER_SECONDS
      const message = `${DOWNLOADS_MAX} files are being downloaded already: take those first.`
      throw new FiskalError('rate_limit_exceeded', message, {}, { retryAfterSeconds })
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
    // Not one byte more than was announced: a file that grows meanwhile must not break the connection's framing.
    await pipeline(file.createReadStream({ end: size - 1, autoClose: false }), res)
  } catch (error) {
    if (res.destroyed && !res.writableFinished) throw new CallerGone('the download was not taken to its end')
    throw error
  }
}

async function openFile(path: string) {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      throw new FiskalError('not_found', 'The file of this export is gone.', { resource: 'export' })
    }
    throw error
  }
}
