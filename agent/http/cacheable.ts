import { createHash } from 'node:crypto'
import type { Request } from 'express'
import type { Reply } from './send.ts'

export type CacheableReply = Reply & { headers: Readonly<Record<string, string>> & { ETag: string } }

/** A reply that a caller may keep, and asks about each time. */
export function cacheable(
  mediaType: string,
  content: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): CacheableReply {
  const body = Buffer.from(content)
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  return { status: 200, mediaType, headers: { ETag: etag, 'Cache-Control': 'no-cache', ...headers }, body }
}

/** 304 if the caller has the same bytes. */
export function revalidated(req: Request, reply: CacheableReply): Reply {
  const ifNoneMatch = req.headers['if-none-match']
  if (ifNoneMatch === undefined) return reply
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (!tags.includes('*') && !tags.includes(reply.headers.ETag)) return reply
  return { ...reply, status: 304, body: '' }
}
