-- The two roles and the database, for psql as a superuser of your own Postgres 16 or later. Choose the passwords.
--
-- muse_owner owns the tables: it migrates them and erases tenants, and no service runs as it. muse_app is what the
-- services run as: it owns nothing and bypasses nothing, so that row-level security keeps tenants apart.

CREATE ROLE muse_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'choose-one';
CREATE ROLE muse_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'choose-another';
CREATE DATABASE muse OWNER muse_owner ENCODING 'UTF8' TEMPLATE template0 LOCALE 'C.UTF-8';

\connect muse

GRANT CONNECT ON DATABASE muse TO muse_app;
GRANT CREATE, USAGE ON SCHEMA public TO muse_owner;
GRANT USAGE ON SCHEMA public TO muse_app;

-- What migrations make later is usable by the services; migrations themselves take back what is never to be changed.
ALTER DEFAULT PRIVILEGES FOR ROLE muse_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO muse_app;
ALTER DEFAULT PRIVILEGES FOR ROLE muse_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO muse_app;
ALTER DEFAULT PRIVILEGES FOR ROLE muse_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO muse_app;
