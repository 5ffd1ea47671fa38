-- A database for one data centre (topology B).  Change the passwords and addresses; run as root:
--   mariadb < mysql.sql
-- Then, where ddo runs: ddo-push-mysql -t dc1 -n init, and without -n.
CREATE DATABASE IF NOT EXISTS coredns CHARACTER SET utf8mb4;

-- ddo writes.  ALTER, CREATE, INDEX and REFERENCES are for init only and may be revoked after it.
CREATE USER IF NOT EXISTS 'ddo'@'10.0.0.%' IDENTIFIED BY 'change-me' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE, ALTER, CREATE, INDEX, REFERENCES
	ON coredns.* TO 'ddo'@'10.0.0.%';

-- CoreDNS reads.
CREATE USER IF NOT EXISTS 'coredns'@'localhost' IDENTIFIED BY 'change-me-too';
GRANT SELECT ON coredns.* TO 'coredns'@'localhost';
