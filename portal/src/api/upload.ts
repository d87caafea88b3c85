// Sends a file as it is, and says how far it is: `fetch` cannot say that.
import type { Schemas } from './client'
import { problemOf } from './errors'

export interface Upload {
  /** The job that reads what was sent. */
  job: Promise<Schemas['Job']>
  /** Breaks it off; `job` fails then. */
  stop: () => void
}

/** Uploads an export of a cloud. `progress` is called with the share that was sent, 0 to 1. */
export function uploadExport(
  file: File,
  options: { isComplete: boolean },
  progress: (share: number) => void,
): Upload {
  const request = new XMLHttpRequest()
  const query = new URLSearchParams({ name: file.name })
  if (options.isComplete) query.set('complete', 'true')
  request.open('POST', `/api/v1/imports?${query.toString()}`)
  request.setRequestHeader('accept', 'application/json')
  request.setRequestHeader('content-type', 'application/octet-stream')
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) progress(event.loaded / event.total)
  }
  const job = new Promise<Schemas['Job']>((resolve, reject) => {
    request.onload = () => {
      if (request.status === 202) {
        resolve(JSON.parse(request.responseText))
        return
      }
      const type = request.getResponseHeader('content-type') ?? ''
      const answer = new Response(request.responseText, {
        status: request.status,
        headers: { 'content-type': type },
      })
      problemOf(answer).then(reject, reject)
    }
    request.onerror = () => reject(new TypeError('The server cannot be reached.'))
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'))
  })
  request.send(file)
  return { job, stop: () => request.abort() }
}
