import type { Request } from 'express'
import type { Contract } from '../../contract/contract-of.ts'
import { createExport, fileQuery, linkQuery } from '../../contract/export.ts'
import { parse } from '../../contract/parse.ts'
import { FiskalError } from '../../errors.ts'
import type { Application } from '../../till/application.ts'
import { isKeyed } from '../api-keys.ts'
import type { FileHandler } from '../handler.ts'
import { change, readOne } from '../handler.ts'
import type { FileReply } from '../send-file.ts'

export function exportHandlers({ exports }: Application, contract: Contract) {
  const exportsFile: FileHandler = {
    kind: 'file',
    linked: (req) => linkedFile(exports, req),
    run: (call, gone) => exports.file(call, call.id, gone),
  }
  return {
    exportsCreate: change(contract.of(createExport), (mutation, input) => exports.create(mutation, input)),
    exportsGet: readOne((access, id) => exports.get(access, id)),
    exportsFile,
  }
}

/** A valid link is enough, whatever key is sent with it. */
function linkedFile(exports: Application['exports'], req: Request): FileReply | undefined {
  const withKey = isKeyed(req)
  const { signature, expires } = parse(withKey ? fileQuery : linkQuery, req.query)
  const id = String(req.params['id'])
  const isWhole = signature !== undefined && expires !== undefined
  const file = isWhole ? exports.linkedFile(id, { signature, expires }) : undefined
  if (file !== undefined || withKey) return file
  throw new FiskalError('not_found', `There is no export ${id}.`, { resource: 'export', id })
}
