import { Router } from 'express'
import { isReachable } from '../store/database.ts'
import type { Db } from '../store/tables.ts'

const patienceMs = 2_000

/** `/healthz`: whether this process can do its work, which it can't without Postgres. */
export function healthRouter(db: Db): Router {
  const router = Router()
  router.get('/healthz', async (_request, response) => {
    const isUp = await answersInTime(db)
    response
      .status(isUp ? 200 : 503)
      .json({ status: isUp ? 'ok' : 'unavailable', database: isUp ? 'up' : 'unreachable' })
  })
  return router
}

async function answersInTime(db: Db): Promise<boolean> {
  const { promise: outOfPatience, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, patienceMs, false)
  const isUp = await Promise.race([isReachable(db), outOfPatience])
  clearTimeout(timer)
  return isUp
}
