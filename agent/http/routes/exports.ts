import type { Contract } from '../../contract/contract-of.ts'
import { createExport, fileQuery } from '../../contract/export.ts'
import { parse } from '../../contract/parse.ts'
import type { Application } from '../../till/application.ts'
import type { OpenHandler } from '../handler.ts'
import { change, readOne } from '../handler.ts'

export function exportHandlers({ exports }: Application, contract: Contract) {
  // The signature in the link authorises the download: a key is not needed.
  const exportsFile: OpenHandler = {
    kind: 'open',
    run: (req) => {
      const { signature, expires } = parse(fileQuery, req.query)
      const { id } = req.params
      return exports.file(typeof id === 'string' ? id : '', signature, expires)
    },
  }
  return {
    exportsCreate: change(contract.of(createExport), exports.create),
    exportsGet: readOne(exports.get),
    exportsFile,
  }
}
