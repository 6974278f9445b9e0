import type pg from 'pg'

/**
 * A connection string that leads where a pool leads, for sessions that can't be the pool's: one that holds a lock, one
 * that listens. What the pool leaves to the environment (PGHOST and so on) is left to it here, too.
 *
 * A password function is called once.
 * @throws TypeError when the pool has settings that a connection string can't say
 */
export async function connectionStringOf(pool: pg.Pool): Promise<string> {
  const { connectionString, password } = requireDerivable(pool)
  if (connectionString !== undefined) return withSsl(connectionString, pool.options.ssl)
  return build(pool.options, typeof password === 'function' ? await password() : password)
}

/** @throws TypeError as `connectionStringOf` would */
export function requireDerivable({ options }: pg.Pool): pg.PoolConfig {
  if (options === undefined) throw underivable('it is no pg.Pool')
  if (options.stream !== undefined) throw underivable('it makes its own streams')
  if (/[?#]/.test(options.database ?? '')) throw underivable("its database's name has a ? or #")
  sslModeOf(options.ssl)
  return options
}

function build({ host, port, user, database, ssl }: pg.PoolConfig, password: string | undefined): string {
  const path = database === undefined ? '' : encodeURI(database)
  const parts = { host, port, user, password }
  if (host === undefined || host.startsWith('/')) {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(parts)) if (value !== undefined) query.set(name, String(value))
    return withSsl(`postgres:///${path}?${query}`, ssl)
  }
  const account = [user ?? '', ...(password === undefined ? [] : [password])].map(encodeURIComponent).join(':')
  const place = `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`
  return withSsl(`postgres://${account === '' ? '' : `${account}@`}${place}/${path}`, ssl)
}

/** As pg has it, what the connection string itself says of SSL goes before the pool's `ssl`. */
function withSsl(connectionString: string, ssl: pg.PoolConfig['ssl']): string {
  const mode = sslModeOf(ssl)
  if (mode === undefined || /[?&]ssl/.test(connectionString)) return connectionString
  return `${connectionString}${connectionString.includes('?') ? '&' : '?'}sslmode=${mode}`
}

function sslModeOf(ssl: pg.PoolConfig['ssl']): string | undefined {
  if (ssl === undefined) return undefined
  if (typeof ssl === 'boolean') return ssl ? 'verify-full' : 'disable'
  // pg hides the key of a certificate from enumeration.
  const others = Object.getOwnPropertyNames(ssl).filter(
    (name) => name !== 'rejectUnauthorized' && Reflect.get(ssl, name) !== undefined,
  )
  if (others.length > 0) throw underivable(`its ssl has ${others.sort().join(', ')}`)
  return (ssl.rejectUnauthorized ?? true) ? 'verify-full' : 'no-verify'
}

function underivable(why: string): TypeError {
  return new TypeError(
    `no connection string can be made of the pool, because ${why}: give connectionString besides pool, for the sessions that pgbeat needs of its own`,
  )
}
