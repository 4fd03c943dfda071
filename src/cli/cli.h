/* cli.h - the subcommands of luapkt. Each is called with its own name as argv[0] and returns the
** exit code of the program. */
#ifndef PKT_CLI_H
#define PKT_CLI_H

enum pkt_exit {
  PKT_EXIT_OK = 0,
  PKT_EXIT_FAILED = 1, /* it was asked for right, and went wrong */
  PKT_EXIT_USAGE = 2,  /* it was asked for wrong */
};

int pkt_cmd_serve(int argc, char **argv);
int pkt_cmd_call(int argc, char **argv);
int pkt_cmd_console(int argc, char **argv);
int pkt_cmd_plan(int argc, char **argv);
int pkt_cmd_generate(int argc, char **argv);
int pkt_cmd_send(int argc, char **argv);
int pkt_cmd_recv(int argc, char **argv);
int pkt_cmd_shark(int argc, char **argv);
int pkt_cmd_msg(int argc, char **argv);
int pkt_cmd_run(int argc, char **argv);

#endif
