import { createHash } from 'node:crypto'

/** As sha256sum prints it. */
export async function sha256Of(content: AsyncIterable<Uint8Array>): Promise<string> {
  const sha = createHash('sha256')
  for await (const chunk of content) sha.update(chunk)
  return sha.digest('hex')
}
