# Runs a throw-away PostgreSQL in folder $1 with the programs in $2, as long as standard input stays open:
# it ends with the process that started it, however that ends.
# Commands on standard input: `crash` kills the server outright, `start` starts it again.
trap '' INT TERM HUP
dir=$1
bin=$2
as=
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL refuses to run as root.
  chown nobody "$dir"
  as='setpriv --reuid nobody --regid nogroup --clear-groups'
fi
cd "$dir" || exit 1

start() {
  rm -f "$dir/data/postmaster.pid"
  $as "$bin/postgres" -D "$dir/data" -k "$dir" -h '' -F -c max_connections=300 -c shared_buffers=64MB \
    >>"$dir/log" 2>&1 </dev/null &
  pid=$!
  until "$bin/pg_isready" -q -h "$dir" -U merlon -d postgres; do
    kill -0 "$pid" 2>/dev/null || { tail -n 20 "$dir/log" >&2; exit 1; }
    sleep 0.05
  done
  echo ready
}

$as "$bin/initdb" -D "$dir/data" -U merlon -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 </dev/null ||
  { cat "$dir/log" >&2; exit 1; }
start
while read -r command; do
  case $command in
    crash)
      # All at once, as when the machine stops: the process of a connection that outlived its parent could
      # still acknowledge a commit, which the server that starts next would not know.
      kill -STOP "$pid"
      children=$(pgrep -P "$pid")
      kill -KILL "$pid" $children
      wait "$pid" 2>/dev/null
      for child in $children; do
        # One that nobody waits for stays as a zombie; it does nothing more.
        while grep -q '^State:[[:space:]]*[^Z]' "/proc/$child/status" 2>/dev/null; do sleep 0.02; done
      done
      echo crashed
      ;;
    start) start ;;
  esac
done
kill -INT "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
rm -rf "$dir"
