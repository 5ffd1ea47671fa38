-- The database of one data centre.  Change the passwords and addresses, then run as root:
--   mariadb < mysql.sql
-- Then run on ddo's machine:
--   ddo-push-mysql -t dc1 init
CREATE DATABASE IF NOT EXISTS coredns CHARACTER SET utf8mb4;

-- ddo writes.  Only init needs ALTER, CREATE, INDEX and REFERENCES: revoke them after it.
CREATE USER IF NOT EXISTS 'ddo'@'10.0.0.%' IDENTIFIED BY 'change-me' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE, ALTER, CREATE, INDEX, REFERENCES
	ON coredns.* TO 'ddo'@'10.0.0.%';

-- CoreDNS reads.
CREATE USER IF NOT EXISTS 'coredns'@'localhost' IDENTIFIED BY 'change-me-too';
GRANT SELECT ON coredns.* TO 'coredns'@'localhost';
