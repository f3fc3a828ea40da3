#!/bin/sh
# Run once, by PostgreSQL's image, in an empty cluster: a database for each service, and the roles
# that may use it.
#   <service>_owner  owns the database; migrations run as it
#   <service>_rows   cannot log in; may read and change rows, not tables
#   <service>        the service's own process; has the rights of <service>_rows
#   house            web and Celery: the code that looks across services; has those of all four.
#                    A role of its own, so that a service's password opens its own database alone.
#   live             live streams: reads the rows of auth and orders, and changes none
set -eu

sql() { psql --set ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$1"; }

# The password in a secret's postgres://role:password@host/name.
password_in() { sed -E 's#.*://[^:]*:([^@]*)@.*#\1#' "/run/secrets/$1"; }

PASSWORD=$(password_in house_auth_url) sql postgres <<'END'
\getenv password PASSWORD
CREATE ROLE house LOGIN PASSWORD :'password';
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
END

for service in auth orders kitchen delivery; do
  export service
  OWNER=$(password_in "${service}_owner_url") PASSWORD=$(password_in "${service}_url") sql postgres <<'END'
\getenv service service
\getenv owner_password OWNER
\getenv password PASSWORD
\set owner :service _owner
\set rows :service _rows
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"rows";
CREATE ROLE :"service" LOGIN PASSWORD :'password' IN ROLE :"rows";
GRANT :"rows" TO house;
CREATE DATABASE :"service" OWNER :"owner";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"rows";
END
  sql "$service" <<'END'
\getenv service service
\set owner :service _owner
\set rows :service _rows
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"rows";
-- What its owner makes from now on, so that a migration needs no grants.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"rows";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO :"rows";
END
done

PASSWORD=$(password_in live_auth_url) sql postgres <<'END'
\getenv password PASSWORD
CREATE ROLE live LOGIN PASSWORD :'password';
END

for service in auth orders; do
  export service
  sql "$service" <<'END'
\getenv service service
\set owner :service _owner
GRANT CONNECT ON DATABASE :"service" TO live;
GRANT USAGE ON SCHEMA public TO live;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT ON TABLES TO live;
END
done
