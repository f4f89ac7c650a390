from ppp.cli import main

main()
